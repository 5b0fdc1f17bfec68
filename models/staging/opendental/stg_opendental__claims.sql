with source as (

    select * from {{ source('raw_opendental', 'claim') }}

),

final as (

    select
        claimnum as claim_id,
        {{ none_id_to_null('patnum') }} as patient_id,
        nullif({{ trimmed('claimstatus') }}, '') as claim_status_code,
        nullif({{ trimmed('claimtype') }}, '') as claim_type_code,
        medtype as medical_type_code,
        correctiontype as correction_type_code,
        {{ none_id_to_null('plannum') }} as insurance_plan_id,
        {{ none_id_to_null('inssubnum') }} as insurance_subscription_id,
        {{ none_id_to_null('plannum2') }} as other_insurance_plan_id,
        {{ none_id_to_null('provtreat') }} as treating_provider_id,
        {{ none_id_to_null('provbill') }} as billing_provider_id,
        {{ none_id_to_null('clinicnum') }} as clinic_id,
        {{ empty_date_to_null('dateservice') }} as service_date,
        {{ empty_date_to_null('datesent') }} as sent_date,
        {{ empty_date_to_null('datesentorig') }} as first_sent_date,
        {{ empty_date_to_null('dateresent') }} as resent_date,
        {{ empty_date_to_null('datereceived') }} as received_date,
        {{ empty_date_to_null('secdateentry') }} as entry_date,
        {{ dental_amount('claimfee') }} as claim_fee_amount,
        {{ dental_amount('inspayest') }} as insurance_estimate_amount,
        {{ dental_amount('inspayamt') }} as insurance_paid_amount,
        {{ dental_amount('dedapplied') }} as deductible_amount,
        {{ dental_amount('writeoff') }} as write_off_amount,
        {{ none_id_to_null('customtracking') }} as tracking_definition_id,
        placeservice as place_of_service_code,
        {{ flag_to_boolean('isortho') }} as is_ortho,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
