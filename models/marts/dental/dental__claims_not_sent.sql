-- grain: one row per claim that was made and not sent
with claims as (

    select * from {{ ref('dental__fact_claims') }}
    where is_unsent

),

final as (

    select
        claim_id,
        patient_id,
        insurance_plan_id,
        carrier_id,
        carrier_name,
        provider_id,
        clinic_id,
        claim_status_code,
        claim_status_name,
        claim_type_code,
        claim_type_name,
        is_preauthorization,
        {{ dbt.datediff('service_date', as_of(), 'day') }} as days_since_service,
        claim_fee_amount,
        insurance_estimate_amount,
        service_date,
        entry_date,
        {{ as_of() }} as as_of_date
    from claims

)

select * from final
