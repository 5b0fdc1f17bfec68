with source as (

    select * from {{ source('raw_opendental', 'claimtracking') }}

),

final as (

    select
        claimtrackingnum as claim_tracking_id,
        {{ none_id_to_null('claimnum') }} as claim_id,
        nullif({{ trimmed('trackingtype') }}, '') as tracking_type_code,
        {{ empty_date_to_null('datetimeentry') }} as entry_at,
        {{ none_id_to_null('usernum') }} as user_id,
        {{ none_id_to_null('trackingdefnum') }} as tracking_definition_id,
        {{ none_id_to_null('trackingerrordefnum') }} as tracking_error_definition_id,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
