-- grain: one row per claim that was made and not sent
with claims as (

    select * from {{ ref('dental__fact_claims') }}
    where is_unsent and coalesce(service_date <= {{ as_of() }}, true)

),

-- A preauthorisation is asked before the service: no carrier's limit runs for it.
filing_limits as (

    select * from {{ ref('int_dental__filing_limits') }}

),

final as (

    select
        claims.claim_id,
        claims.patient_id,
        claims.insurance_plan_id,
        claims.carrier_id,
        claims.carrier_name,
        claims.provider_id,
        claims.clinic_id,
        claims.claim_status_code,
        claims.claim_status_name,
        claims.claim_type_code,
        claims.claim_type_name,
        claims.is_preauthorization,
        {{ dbt.datediff('claims.service_date', as_of(), 'day') }} as days_since_service,
        claims.claim_fee_amount,
        claims.insurance_estimate_amount,
        claims.service_date,
        claims.entry_date,
        {{ filing_columns('claims.service_date', 'filing_limits.filing_limit_days') }},
        {{ as_of() }} as as_of_date
    from claims
    left join filing_limits
        on
            claims.carrier_id = filing_limits.carrier_id
            and not claims.is_preauthorization

)

select * from final
