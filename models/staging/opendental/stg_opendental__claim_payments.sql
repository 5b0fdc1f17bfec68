with source as (

    select * from {{ source('raw_opendental', 'claimpayment') }}

),

final as (

    select
        claimpaymentnum as claim_payment_id,
        {{ empty_date_to_null('checkdate') }} as check_date,
        {{ dental_amount('checkamt') }} as check_amount,
        {{ empty_date_to_null('dateissued') }} as issued_date,
        {{ flag_to_boolean('ispartial') }} as is_partial,
        {{ none_id_to_null('paytype') }} as payment_type_definition_id,
        {{ none_id_to_null('paygroup') }} as payment_group_definition_id,
        {{ none_id_to_null('clinicnum') }} as clinic_id,
        {{ none_id_to_null('depositnum') }} as deposit_id,
        nullif({{ trimmed('carriername') }}, '') as carrier_name,
        {{ empty_date_to_null('secdateentry') }} as entry_date,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
