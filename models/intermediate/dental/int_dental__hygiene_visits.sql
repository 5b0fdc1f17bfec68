-- grain: one row per patient and day with a completed hygiene procedure, and how they came back
with visits as (

    select
        patient_id,
        day,
        is_periodontal_visit,
        lead(day) over (partition by patient_id order by day asc nulls last) as next_day
    from {{ ref('int_dental__patient_days') }}
    where is_hygiene_visit

),

patients as (

    select * from {{ ref('stg_opendental__patients') }}

),

hygiene_appointments as (

    select * from {{ ref('int_dental__appointments') }}
    where is_booking and is_hygiene

),

-- The next sitting of gum treatment, and what comes within weeks, is no recall.
returns as (

    select
        visits.patient_id,
        visits.day,
        min(later.day) as next_recall_day
    from visits
    inner join visits as later
        on
            visits.patient_id = later.patient_id
            and later.day >= {{ add_days('visits.day', var('dental_hygiene_shortest_days')) }}
    where not later.is_periodontal_visit
    group by visits.patient_id, visits.day

),

reappointed as (

    select
        visits.patient_id,
        visits.day
    from visits
    inner join hygiene_appointments
        on
            visits.patient_id = hygiene_appointments.patient_id
            and cast(hygiene_appointments.entry_at as date) <= visits.day
            and cast(hygiene_appointments.starts_at as date) > visits.day
    group by visits.patient_id, visits.day

),

final as (

    select
        visits.patient_id,
        visits.day,
        cast(date_trunc('month', visits.day) as date) as month,
        visits.is_periodontal_visit,
        visits.next_day,
        returns.next_recall_day,
        reappointed.patient_id is not null as is_reappointed,
        coalesce(
            visits.next_day < {{ add_days('visits.day', var('dental_hygiene_shortest_days')) }},
            false
        ) as is_back_early,
        coalesce(
            returns.next_recall_day
            <= {{ add_days('visits.day', var('dental_hygiene_horizon_days')) }},
            false
        ) as is_retained,
        coalesce(patients.patient_status_code = 0, false) as is_active_patient
    from visits
    left join returns
        on visits.patient_id = returns.patient_id and visits.day = returns.day
    left join reappointed
        on visits.patient_id = reappointed.patient_id and visits.day = reappointed.day
    left join patients on visits.patient_id = patients.patient_id

)

select * from final
