with source as (

    select * from {{ source('raw_opendental', 'claimproc') }}

),

final as (

    select
        claimprocnum as claim_procedure_id,
        {{ none_id_to_null('procnum') }} as procedure_id,
        {{ none_id_to_null('claimnum') }} as claim_id,
        {{ none_id_to_null('claimpaymentnum') }} as claim_payment_id,
        {{ none_id_to_null('payplannum') }} as payment_plan_id,
        {{ none_id_to_null('plannum') }} as insurance_plan_id,
        {{ none_id_to_null('inssubnum') }} as insurance_subscription_id,
        {{ none_id_to_null('patnum') }} as patient_id,
        {{ none_id_to_null('provnum') }} as provider_id,
        {{ none_id_to_null('clinicnum') }} as clinic_id,
        status as claim_procedure_status_code,
        {{ empty_date_to_null('procdate') }} as service_date,
        {{ empty_date_to_null('datecp') }} as payment_date,
        {{ empty_date_to_null('dateentry') }} as entry_date,
        {{ empty_date_to_null('datesuppreceived') }} as received_date,
        {{ empty_date_to_null('dateinsfinalized') }} as finalized_date,
        {{ empty_date_to_null('secdateentry') }} as created_date,
        {{ dental_amount('feebilled') }} as billed_fee_amount,
        {{ dental_amount('inspayest') }} as insurance_estimate_amount,
        {{ dental_amount('inspayamt') }} as insurance_paid_amount,
        {{ dental_amount('writeoff') }} as write_off_amount,
        {{ dental_amount('dedapplied') }} as deductible_amount,
        {{ dental_amount('baseest') }} as base_estimate_amount,
        {{ dental_amount('insesttotal') }} as live_estimate_amount,
        {{ blank_to_null('insesttotaloverride') }} as live_estimate_override_amount,
        {{ blank_to_null('writeoffest') }} as write_off_estimate_amount,
        {{ blank_to_null('writeoffestoverride') }} as write_off_estimate_override_amount,
        {{ blank_to_null('allowedoverride') }} as allowed_override_amount,
        {{ blank_to_null('copayamt') }} as copay_amount,
        {{ blank_to_null('dedest') }} as deductible_estimate_amount,
        {{ blank_to_null('percentage', 'integer') }} as covered_percent,
        {{ blank_to_null('percentoverride', 'integer') }} as covered_percent_override,
        {{ flag_to_boolean('nobillins') }} as is_not_billed_to_insurance,
        {{ flag_to_boolean('istransfer') }} as is_transfer,
        {{ flag_to_boolean('isoverpay') }} as is_overpayment,
        nullif({{ trimmed('codesent') }}, '') as sent_code,
        {{ none_id_to_null('claimpaymenttracking') }} as payment_tracking_definition_id,
        secdatetedit as changed_at,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
