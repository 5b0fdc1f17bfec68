-- grain: one row per month with completed treatment or a past appointment: what was done
with patient_days as (

    select * from {{ ref('int_dental__patient_days') }}

),

treatments as (

    select * from {{ ref('int_dental__treatments') }}
    where is_completed

),

appointments as (

    select * from {{ ref('int_dental__appointments') }}
    where is_booking and cast(starts_at as date) <= {{ as_of() }}

),

patient_months as (

    select
        cast(date_trunc('month', day) as date) as month,
        count(*) as visits,
        sum(procedure_count) as completed_procedures,
        sum(case when is_hygiene_visit then 1 else 0 end) as hygiene_visits,
        sum(production_amount) as treatment_production
    from patient_days
    group by patient_id, cast(date_trunc('month', day) as date)

),

visited as (

    select
        month,
        count(*) as patients_seen,
        sum(visits) as visits,
        sum(completed_procedures) as completed_procedures,
        sum(hygiene_visits) as hygiene_visits,
        sum(treatment_production) as treatment_production
    from patient_months
    group by month

),

produced as (

    select
        cast(date_trunc('month', procedure_date) as date) as month,
        sum(case when is_hygiene then fee_amount else 0 end) as hygiene_production
    from treatments
    group by cast(date_trunc('month', procedure_date) as date)

),

booked as (

    select
        cast(date_trunc('month', starts_at) as date) as month,
        sum(case when is_kept then 1 else 0 end) as kept_appointments,
        sum(case when is_broken then 1 else 0 end) as broken_appointments,
        sum(case
            when is_scheduled and cast(starts_at as date) < {{ as_of() }} then 1 else 0
        end) as unmarked_appointments
    from appointments
    group by cast(date_trunc('month', starts_at) as date)

),

months as (

    select month from produced
    union all
    select month from booked

),

unique_months as (

    select month from months
    group by month

),

final as (

    select
        unique_months.month,
        coalesce(visited.patients_seen, 0) as patients_seen,
        coalesce(visited.visits, 0) as visits,
        coalesce(visited.completed_procedures, 0) as completed_procedures,
        coalesce(visited.hygiene_visits, 0) as hygiene_visits,
        coalesce(visited.treatment_production, 0) as treatment_production,
        coalesce(produced.hygiene_production, 0) as hygiene_production,
        coalesce(booked.kept_appointments, 0) as kept_appointments,
        coalesce(booked.broken_appointments, 0) as broken_appointments,
        coalesce(booked.unmarked_appointments, 0) as unmarked_appointments
    from unique_months
    left join visited on unique_months.month = visited.month
    left join produced on unique_months.month = produced.month
    left join booked on unique_months.month = booked.month

)

select * from final
