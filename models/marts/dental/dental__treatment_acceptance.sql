-- grain: one row per month of planning and clinic
with planned as (

    select * from {{ ref('int_dental__planned_by_patient') }}

),

per_patient as (

    select
        planned_month,
        clinic_id,
        patient_id,
        sum(presented_amount) as presented_amount,
        sum(presented_with_deleted_amount) as presented_with_deleted_amount,
        sum(accepted_amount) as accepted_amount,
        sum(same_day_amount) as same_day_amount,
        sum(completed_later_amount) as completed_later_amount,
        sum(scheduled_amount) as scheduled_amount,
        sum(presented_procedures) as presented_procedures,
        sum(accepted_procedures) as accepted_procedures
    from planned
    group by planned_month, clinic_id, patient_id

),

cohorts as (

    select
        planned_month,
        clinic_id,
        sum(presented_amount) as presented_amount,
        sum(presented_with_deleted_amount) as presented_with_deleted_amount,
        sum(accepted_amount) as accepted_amount,
        sum(same_day_amount) as same_day_amount,
        sum(completed_later_amount) as completed_later_amount,
        sum(scheduled_amount) as scheduled_amount,
        sum(presented_procedures) as presented_procedures,
        sum(accepted_procedures) as accepted_procedures,
        sum(case when presented_procedures > 0 then 1 else 0 end) as presented_patients,
        sum(case when accepted_procedures > 0 then 1 else 0 end) as accepted_patients,
        {{ is_mature_month('planned_month', var('dental_acceptance_horizon_days')) }} as is_mature
    from per_patient
    group by planned_month, clinic_id

),

final as (

    select
        planned_month,
        clinic_id,
        is_mature,
        cast(presented_procedures as bigint) as presented_procedures,
        cast(accepted_procedures as bigint) as accepted_procedures,
        cast(presented_patients as bigint) as presented_patients,
        cast(accepted_patients as bigint) as accepted_patients,
        cast(presented_amount as decimal(18, 2)) as presented_amount,
        cast(presented_with_deleted_amount as decimal(18, 2)) as presented_with_deleted_amount,
        cast(accepted_amount as decimal(18, 2)) as accepted_amount,
        cast(same_day_amount as decimal(18, 2)) as same_day_amount,
        cast(completed_later_amount as decimal(18, 2)) as completed_later_amount,
        cast(scheduled_amount as decimal(18, 2)) as scheduled_amount,
        case when is_mature then {{ ratio('accepted_amount', 'presented_amount') }} end
            as acceptance_rate,
        case when is_mature then {{ ratio('accepted_amount', 'presented_with_deleted_amount') }} end
            as acceptance_rate_with_deleted,
        case
            when is_mature
                then {{ ratio(
                    '(accepted_amount - same_day_amount)', '(presented_amount - same_day_amount)'
                ) }}
        end as acceptance_rate_without_same_day,
        case when is_mature then {{ ratio('accepted_patients', 'presented_patients') }} end
            as patient_acceptance_rate
    from cohorts

)

select * from final
