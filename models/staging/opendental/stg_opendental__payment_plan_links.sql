with source as (

    select * from {{ source('raw_opendental', 'payplanlink') }}

),

final as (

    select
        payplanlinknum as payment_plan_link_id,
        {{ none_id_to_null('payplannum') }} as payment_plan_id,
        linktype as payment_plan_link_type_code,
        {{ none_id_to_null('fkey') }} as linked_id,
        {{ dental_amount('amountoverride') }} as override_amount,
        {{ empty_date_to_null('secdatetentry') }} as entry_at,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
