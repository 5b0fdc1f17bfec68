-- grain: one row per month with hygiene visits
with visits as (

    select * from {{ ref('int_dental__hygiene_visits') }}

),

next_appointments as (

    select * from {{ ref('int_dental__next_appointments') }}

),

last_of_month as (

    select
        *,
        row_number() over (partition by patient_id, month order by day desc nulls last)
            as visit_rank,
        count(*) over (partition by patient_id, month) as visits_in_month
    from visits

),

months as (

    select
        last_of_month.month,
        count(*) as patients,
        sum(last_of_month.visits_in_month) as hygiene_visits,
        sum(case when last_of_month.is_retained then 1 else 0 end) as retained_patients,
        sum(case
            when not last_of_month.is_retained and next_appointments.patient_id is not null then 1
            else 0
        end) as not_retained_but_scheduled,
        sum(case
            when last_of_month.next_day is null and not last_of_month.is_active_patient then 1
            else 0
        end) as left_patients,
        {{ is_mature_month('last_of_month.month', var('dental_hygiene_horizon_days')) }}
            as is_mature
    from last_of_month
    left join next_appointments on last_of_month.patient_id = next_appointments.patient_id
    where last_of_month.visit_rank = 1
    group by last_of_month.month

),

final as (

    select
        month,
        is_mature,
        cast(hygiene_visits as bigint) as hygiene_visits,
        cast(patients as bigint) as patients,
        cast(retained_patients as bigint) as retained_patients,
        cast(not_retained_but_scheduled as bigint) as not_retained_but_scheduled,
        cast(left_patients as bigint) as left_patients,
        case when is_mature then {{ ratio('retained_patients', 'patients') }} end as retention_rate
    from months

)

select * from final
