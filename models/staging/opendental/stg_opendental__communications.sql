with source as (

    select * from {{ source('raw_opendental', 'commlog') }}

),

final as (

    select
        commlognum as communication_id,
        {{ none_id_to_null('patnum') }} as patient_id,
        {{ none_id_to_null('referralnum') }} as referral_id,
        {{ empty_date_to_null('commdatetime') }} as communicated_at,
        {{ empty_date_to_null('datetimeend') }} as ended_at,
        {{ none_id_to_null('commtype') }} as communication_type_definition_id,
        mode_ as communication_mode_code,
        sentorreceived as direction_code,
        commsource as communication_source_code,
        {{ none_id_to_null('usernum') }} as user_id,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
