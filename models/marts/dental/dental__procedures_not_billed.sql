-- grain: one row per completed procedure and plan that covered it and was not billed
with estimates as (

    select * from {{ ref('dental__fact_claim_procedures') }}
    where is_estimate and not is_not_billed_to_insurance

),

procedures as (

    select * from {{ ref('dental__fact_procedures') }}
    where
        is_completed
        and unit_fee_amount > 0
        and coalesce(procedure_date <= {{ as_of() }}, true)

),

subscriptions as (

    select * from {{ ref('stg_opendental__insurance_subscriptions') }}

),

plans as (

    select * from {{ ref('stg_opendental__insurance_plans') }}

),

carriers as (

    select * from {{ ref('stg_opendental__carriers') }}

),

covered as (

    select
        patient_id,
        insurance_subscription_id
    from {{ ref('stg_opendental__patient_plans') }}
    group by patient_id, insurance_subscription_id

),

filing_limits as (

    select * from {{ ref('int_dental__filing_limits') }}

),

visit_groups as (

    select
        procedure_id,
        max(case when is_in_process then 1 else 0 end) as in_process
    from {{ ref('stg_opendental__procedure_visit_groups') }}
    group by procedure_id

),

final as (

    select
        estimates.claim_procedure_id,
        procedures.procedure_id,
        procedures.patient_id,
        procedures.provider_id,
        procedures.clinic_id,
        estimates.insurance_plan_id,
        carriers.carrier_name,
        plans.is_medical as is_medical_plan,
        coalesce(visit_groups.in_process, 0) = 1 as is_in_process,
        procedures.procedure_code,
        procedures.procedure_name,
        procedures.line_fee_amount,
        estimates.effective_estimate_amount,
        procedures.procedure_date,
        {{ dbt.datediff('procedures.procedure_date', as_of(), 'day') }} as days_since_service,
        {{ filing_columns('procedures.procedure_date', 'filing_limits.filing_limit_days') }},
        {{ as_of() }} as as_of_date
    from estimates
    inner join procedures on estimates.procedure_id = procedures.procedure_id
    inner join covered
        on
            procedures.patient_id = covered.patient_id
            and estimates.insurance_subscription_id = covered.insurance_subscription_id
    inner join subscriptions
        on
            estimates.insurance_subscription_id = subscriptions.insurance_subscription_id
            and (
                subscriptions.effective_date is null
                or procedures.procedure_date >= subscriptions.effective_date
            )
            and (
                subscriptions.term_date is null
                or procedures.procedure_date <= subscriptions.term_date
            )
    left join plans on estimates.insurance_plan_id = plans.insurance_plan_id
    left join carriers on plans.carrier_id = carriers.carrier_id
    left join filing_limits on plans.carrier_id = filing_limits.carrier_id
    left join visit_groups on procedures.procedure_id = visit_groups.procedure_id

)

select * from final
