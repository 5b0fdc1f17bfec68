-- grain: one row per month up to the as-of day's in which anything was done, planned or paid
with money as (

    select
        cast(date_trunc('month', day) as date) as month,
        sum(gross_production) as gross_production,
        sum(capitation_write_off) as capitation_write_off,
        sum(adjustments) as adjustments,
        sum(write_offs) as write_offs,
        sum(net_production) as net_production,
        sum(patient_income) as patient_income,
        sum(unearned_income) as unearned_income,
        sum(insurance_income) as insurance_income,
        sum(total_income) as total_income
    from {{ ref('dental__production_income_daily') }}
    where day <= {{ as_of() }}
    group by cast(date_trunc('month', day) as date)

),

activity as (

    select * from {{ ref('int_dental__month_activity') }}

),

planning as (

    select * from {{ ref('int_dental__month_planning') }}

),

first_visits as (

    select
        cast(date_trunc('month', first_visit_date) as date) as month,
        count(*) as new_patients
    from {{ ref('int_dental__first_visits') }}
    group by cast(date_trunc('month', first_visit_date) as date)

),

active as (

    select * from {{ ref('int_dental__active_patients') }}

),

open_time as (

    select
        cast(date_trunc('month', day) as date) as month,
        sum(open_minutes) as open_minutes
    from {{ ref('int_dental__provider_open_minutes') }}
    where day <= {{ as_of() }}
    group by cast(date_trunc('month', day) as date)

),

booked as (

    select
        cast(date_trunc('month', day) as date) as month,
        sum(kept_minutes) as kept_minutes
    from {{ ref('int_dental__booked_minutes') }}
    where provider_id <> 0
    group by cast(date_trunc('month', day) as date)

),

all_months as (

    select month from money
    union all
    select month from activity
    union all
    select month from planning

),

months as (

    select month from all_months
    group by month

),

final as (

    select
        months.month,
        cast(coalesce(money.gross_production, 0) as decimal(18, 2)) as gross_production,
        cast(coalesce(money.capitation_write_off, 0) as decimal(18, 2)) as capitation_write_off,
        cast(coalesce(money.adjustments, 0) as decimal(18, 2)) as adjustments,
        cast(coalesce(money.write_offs, 0) as decimal(18, 2)) as write_offs,
        cast(coalesce(money.net_production, 0) as decimal(18, 2)) as net_production,
        cast(coalesce(money.patient_income, 0) as decimal(18, 2)) as patient_income,
        cast(coalesce(money.unearned_income, 0) as decimal(18, 2)) as unearned_income,
        cast(coalesce(money.insurance_income, 0) as decimal(18, 2)) as insurance_income,
        cast(coalesce(money.total_income, 0) as decimal(18, 2)) as total_income,
        {{ ratio('money.total_income', 'money.net_production') }} as collection_rate,
        cast(coalesce(activity.completed_procedures, 0) as bigint) as completed_procedures,
        cast(coalesce(activity.visits, 0) as bigint) as visits,
        cast(coalesce(activity.patients_seen, 0) as bigint) as patients_seen,
        cast(coalesce(first_visits.new_patients, 0) as bigint) as new_patients,
        cast(coalesce(active.active_patients, 0) as bigint) as active_patients,
        cast(coalesce(activity.kept_appointments, 0) as bigint) as kept_appointments,
        cast(coalesce(activity.broken_appointments, 0) as bigint) as broken_appointments,
        cast(coalesce(activity.unmarked_appointments, 0) as bigint) as unmarked_appointments,
        {{ ratio(
            'activity.broken_appointments',
            '(activity.broken_appointments + activity.kept_appointments)'
        ) }} as broken_rate,
        cast(coalesce(activity.hygiene_visits, 0) as bigint) as hygiene_visits,
        cast(coalesce(activity.hygiene_production, 0) as decimal(18, 2)) as hygiene_production,
        {{ ratio('activity.hygiene_production', 'money.gross_production') }}
            as hygiene_production_share,
        cast(coalesce(planning.presented_amount, 0) as decimal(18, 2)) as presented_amount,
        cast(coalesce(planning.accepted_amount, 0) as decimal(18, 2)) as accepted_amount,
        coalesce(planning.is_mature, false) as is_acceptance_mature,
        case
            when planning.is_mature
                then {{ ratio('planning.accepted_amount', 'planning.presented_amount') }}
        end as acceptance_rate,
        case
            when planning.is_mature
                then {{ ratio('planning.accepted_patients', 'planning.presented_patients') }}
        end as patient_acceptance_rate,
        cast(coalesce(open_time.open_minutes, 0) as bigint) as open_minutes,
        cast(coalesce(booked.kept_minutes, 0) as bigint) as kept_minutes,
        {{ ratio('booked.kept_minutes', 'open_time.open_minutes') }} as utilization_rate
    from months
    left join money on months.month = money.month
    left join activity on months.month = activity.month
    left join planning on months.month = planning.month
    left join first_visits on months.month = first_visits.month
    left join active
        on
            months.month >= active.month
            and (active.next_month is null or months.month < active.next_month)
    left join open_time on months.month = open_time.month
    left join booked on months.month = booked.month

)

select * from final
