with source as (

    select * from {{ source('raw_opendental', 'payplan') }}

),

final as (

    select
        payplannum as payment_plan_id,
        {{ none_id_to_null('patnum') }} as patient_id,
        {{ none_id_to_null('guarantor') }} as guarantor_id,
        {{ none_id_to_null('plannum') }} as insurance_plan_id,
        {{ none_id_to_null('inssubnum') }} as insurance_subscription_id,
        {{ empty_date_to_null('payplandate') }} as payment_plan_date,
        {{ dental_amount('completedamt') }} as completed_amount,
        {{ try_to('apr', 'decimal(18, 4)') }} as annual_percentage_rate,
        numberofpayments as number_of_payments,
        {{ dental_amount('payamt') }} as payment_amount,
        {{ dental_amount('downpayment') }} as down_payment_amount,
        {{ flag_to_boolean('isclosed') }} as is_closed,
        {{ flag_to_boolean('isdynamic') }} as is_dynamic,
        {{ flag_to_boolean('islocked') }} as is_locked,
        chargefrequency as charge_frequency_code,
        payschedule as payment_schedule_code,
        {{ empty_date_to_null('datepayplanstart') }} as start_date,
        {{ empty_date_to_null('dateintereststart') }} as interest_start_date,
        dynamicpayplantpoption as planned_treatment_option_code,
        {{ none_id_to_null('plancategory') }} as category_definition_id,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
