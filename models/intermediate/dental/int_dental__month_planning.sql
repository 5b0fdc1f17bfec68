-- grain: one row per month of planning, over the whole practice
with planned as (

    select * from {{ ref('int_dental__planned_by_patient') }}

),

per_patient as (

    select
        planned_month,
        patient_id,
        sum(presented_amount) as presented_amount,
        sum(accepted_amount) as accepted_amount,
        sum(presented_procedures) as presented_procedures,
        sum(accepted_procedures) as accepted_procedures
    from planned
    group by planned_month, patient_id

),

final as (

    select
        planned_month as month,
        {{ is_mature_month('planned_month', var('dental_acceptance_horizon_days')) }} as is_mature,
        sum(presented_amount) as presented_amount,
        sum(accepted_amount) as accepted_amount,
        sum(case when presented_procedures > 0 then 1 else 0 end) as presented_patients,
        sum(case when accepted_procedures > 0 then 1 else 0 end) as accepted_patients
    from per_patient
    group by planned_month

)

select * from final
