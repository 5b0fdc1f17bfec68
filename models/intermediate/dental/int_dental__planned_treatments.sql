-- grain: one row per procedure that was treatment-planned on or before the as-of day
with treatments as (

    select * from {{ ref('int_dental__treatments') }}

),

scheduled_appointments as (

    select appointment_id from {{ ref('int_dental__appointments') }}
    where is_scheduled

),

insurance_lines as (

    select procedure_id
    from {{ ref('int_dental__claim_procedures') }}
    where claim_procedure_status_code in (0, 1, 4, 5, 6, 7, 8)
    group by procedure_id

),

planned as (

    select
        treatments.*,
        cast(date_trunc('month', treatments.treatment_planned_date) as date) as planned_month,
        {{ add_days('treatments.treatment_planned_date', var('dental_acceptance_horizon_days')) }}
            as horizon_date
    from treatments
    where
        (treatments.is_planned or treatments.is_ever_completed or treatments.is_deleted)
        and treatments.treatment_planned_date <= {{ as_of() }}
        and treatments.fee_amount > 0
        and not treatments.is_utility

),

final as (

    select
        planned.procedure_id,
        planned.patient_id,
        planned.provider_id,
        planned.clinic_id,
        planned.procedure_code_id,
        planned.procedure_category,
        planned.treatment_planned_date,
        planned.planned_month,
        planned.horizon_date,
        planned.fee_amount,
        not planned.is_deleted as is_presented,
        planned.is_deleted,
        planned.is_completed,
        planned.is_completed and planned.procedure_date <= planned.horizon_date as is_accepted,
        planned.is_completed and planned.procedure_date <= planned.treatment_planned_date
            as is_same_day,
        planned.is_planned and scheduled_appointments.appointment_id is not null as is_scheduled,
        -- What somebody could have declined: no routine, and not done before it could be presented.
        not planned.is_deleted
        and not planned.is_routine
        and not (
            planned.is_completed and planned.procedure_date <= planned.treatment_planned_date
        ) as is_case,
        insurance_lines.procedure_id is not null as is_insured,
        planned.horizon_date <= {{ as_of() }} as is_mature,
        case when planned.is_completed then planned.procedure_date end as completed_date
    from planned
    left join scheduled_appointments
        on planned.appointment_id = scheduled_appointments.appointment_id
    left join insurance_lines on planned.procedure_id = insurance_lines.procedure_id

)

select * from final
