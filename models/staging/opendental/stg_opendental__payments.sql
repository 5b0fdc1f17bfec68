with source as (

    select * from {{ source('raw_opendental', 'payment') }}

),

final as (

    select
        paynum as payment_id,
        {{ none_id_to_null('patnum') }} as patient_id,
        {{ none_id_to_null('clinicnum') }} as clinic_id,
        {{ none_id_to_null('paytype') }} as payment_type_definition_id,
        {{ empty_date_to_null('paydate') }} as payment_date,
        {{ dental_amount('payamt') }} as payment_amount,
        {{ empty_date_to_null('dateentry') }} as entry_date,
        {{ none_id_to_null('secusernumentry') }} as entry_user_id,
        {{ none_id_to_null('depositnum') }} as deposit_id,
        paymentsource as payment_source_code,
        processstatus as process_status_code,
        {{ flag_to_boolean('isrecurringcc') }} as is_recurring_card_charge,
        {{ dental_amount('merchantfee') }} as merchant_fee_amount,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
