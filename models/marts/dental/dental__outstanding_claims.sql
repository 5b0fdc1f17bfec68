-- grain: one row per claim that was sent and not answered
with claims as (

    select
        *,
        {{ aging_bucket('sent_date') }} as age_bucket
    from {{ ref('dental__fact_claims') }}
    where is_sent

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
        claim_type_code,
        claim_type_name,
        is_preauthorization,
        last_tracking_name,
        last_tracked_at,
        age_bucket,
        {{ dbt.datediff('sent_date', as_of(), 'day') }} as days_since_sent,
        {{ dbt.datediff('first_sent_date', as_of(), 'day') }} as days_since_first_sent,
        {{ dbt.datediff('service_date', as_of(), 'day') }} as days_since_service,
        claim_fee_amount,
        insurance_estimate_amount,
        write_off_amount,
        service_date,
        first_sent_date,
        sent_date,
        {{ as_of() }} as as_of_date
    from claims

)

select * from final
