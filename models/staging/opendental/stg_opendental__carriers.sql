with source as (

    select * from {{ source('raw_opendental', 'carrier') }}

),

final as (

    select
        carriernum as carrier_id,
        nullif({{ trimmed('carriername') }}, '') as carrier_name,
        nullif({{ trimmed('electid') }}, '') as payer_number,
        {{ none_id_to_null('carriergroupname') }} as carrier_group_definition_id,
        nosendelect as electronic_claim_code,
        {{ flag_to_boolean('ishidden') }} as is_hidden,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
