-- grain: one row per active patient with planned treatment that no scheduled appointment holds
with planned as (

    select * from {{ ref('int_dental__open_treatments') }}

),

patients as (

    select * from {{ ref('dental__dim_patients') }}
    where is_current and is_active

),

insurance as (

    select * from {{ ref('int_dental__insurance_remaining') }}

),

next_appointments as (

    select * from {{ ref('int_dental__next_appointments') }}

),

visits as (

    select
        patient_id,
        max(day) as last_visit_date
    from {{ ref('int_dental__patient_days') }}
    group by patient_id

),

final as (

    select
        planned.patient_id,
        patients.patient_key,
        patients.first_name,
        patients.last_name,
        patients.phone,
        patients.email,
        patients.guarantor_id,
        patients.clinic_id,
        patients.primary_provider_id,
        patients.billing_type,
        planned.planned_procedures,
        planned.unscheduled_procedures,
        planned.planned_amount,
        planned.scheduled_amount,
        planned.unscheduled_amount,
        planned.first_planned_date,
        planned.last_planned_date,
        cast({{ dbt.datediff('planned.first_planned_date', as_of(), 'day') }} as bigint)
            as days_since_first_planned,
        insurance.insurance_plan_id,
        insurance.benefit_year_start,
        insurance.annual_maximum_amount,
        insurance.used_amount as insurance_used_amount,
        insurance.pending_amount as insurance_pending_amount,
        insurance.remaining_amount as insurance_remaining_amount,
        visits.last_visit_date,
        next_appointments.starts_at as next_appointment_at,
        next_appointments.patient_id is not null as has_future_appointment
    from planned
    inner join patients on planned.patient_id = patients.patient_id
    left join insurance on planned.patient_id = insurance.patient_id
    left join next_appointments on planned.patient_id = next_appointments.patient_id
    left join visits on planned.patient_id = visits.patient_id
    where planned.unscheduled_procedures > 0

)

select * from final
