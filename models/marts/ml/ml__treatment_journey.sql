-- grain: one row per completed or planned procedure of the dates and statuses asked for
with checks as (

    select * from {{ ref('int_ml__journey_checks') }}
    where rejection_reason is null

),

procedures as (

    select * from {{ ref('dental__fact_procedures') }}

),

treatments as (

    select * from {{ ref('int_dental__treatments') }}

),

codes as (

    select * from {{ ref('stg_opendental__procedure_codes') }}

),

payments as (

    select * from {{ ref('int_ml__procedure_payments') }}

),

claims as (

    select * from {{ ref('int_ml__insurance_accuracy') }}

),

patient_days as (

    select * from {{ ref('int_ml__patient_days') }}

),

standard_fees as (

    select
        procedure_code_id,
        percentile_cont(0.5) within group (order by unit_fee_amount * 1.0e0) as standard_fee
    from {{ ref('dental__fact_procedures') }}
    where unit_fee_amount > 0
    group by procedure_code_id

),

dated as (

    select
        procedures.*,
        case
            when procedures.is_completed and procedures.procedure_date <= {{ as_of() }}
                then procedures.procedure_date
        end as done_date,
        {{ add_days('procedures.treatment_planned_date', var('dental_acceptance_horizon_days')) }}
            as acceptance_date
    from procedures
    inner join checks on procedures.procedure_id = checks.procedure_id

),

final as (

    select
        dated.procedure_id,
        dated.patient_id,
        dated.procedure_date,
        dated.treatment_planned_date,
        {{ as_of() }} as as_of_date,
        dated.procedure_status_name as procedure_status,
        cast(patient_days.age as bigint) as age,
        patient_days.sex,
        coalesce(patient_days.insurance_plans, 0) > 0 as has_insurance,
        cast(dated.line_fee_amount as decimal(18, 2)) as fee_amount,
        cast(round(cast(standard_fees.standard_fee as decimal(28, 10)), 2) as decimal(18, 2))
            as standard_fee_amount,
        cast(cast(
            dated.unit_fee_amount / nullif(cast(standard_fees.standard_fee as decimal(28, 10)), 0)
            as decimal(28, 10)
        ) as decimal(9, 3)) as fee_ratio,
        cast(patient_days.balance as decimal(18, 2)) as balance_before_amount,
        claims.estimate_amount as insurance_estimate_amount,
        claims.estimate_source as insurance_estimate_source,
        claims.paid_amount as insurance_paid_amount,
        dated.procedure_code,
        treatments.procedure_category,
        cast(codes.treatment_area_code as bigint) as treatment_area_code,
        coalesce(codes.is_multi_visit, false) as is_multi_visit,
        dated.is_hygiene,
        treatments.is_utility,
        dated.provider_id,
        dated.clinic_id,
        cast(patient_days.done as bigint) as earlier_procedures,
        {{ broken_rate() }} as broken_rate,
        {{ acceptance_rate() }} as acceptance_rate,
        {{ paid_rate() }} as paid_rate,
        cast(patient_days.days_since_last_visit as bigint) as days_since_last_visit,
        cast(extract(month from dated.procedure_date) as bigint) as month_number,
        cast({{ iso_weekday('dated.procedure_date') }} as bigint) as weekday,
        cast(payments.days_to_paid as bigint) as days_to_paid,
        case
            when dated.treatment_planned_date is null then null
            when dated.done_date <= dated.acceptance_date then true
            when dated.acceptance_date <= {{ as_of() }} then false
        end as accepted,
        payments.is_fully_paid as fully_paid,
        payments.is_paid_30d as paid_30d,
        claims.is_accurate as insurance_accurate
    from dated
    inner join treatments on dated.procedure_id = treatments.procedure_id
    left join codes on dated.procedure_code_id = codes.procedure_code_id
    left join standard_fees on dated.procedure_code_id = standard_fees.procedure_code_id
    left join payments on dated.procedure_id = payments.procedure_id
    left join claims on dated.procedure_id = claims.procedure_id
    left join patient_days
        on
            dated.patient_id = patient_days.patient_id
            and coalesce(dated.treatment_planned_date, dated.procedure_date) = patient_days.day

)

select * from final
