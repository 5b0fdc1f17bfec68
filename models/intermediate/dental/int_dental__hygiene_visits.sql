-- grain: one row per patient and day with a completed hygiene procedure, with their next such day
with visits as (

    select
        patient_id,
        day
    from {{ ref('int_dental__patient_days') }}
    where is_hygiene_visit

),

patients as (

    select * from {{ ref('stg_opendental__patients') }}

),

followed as (

    select
        *,
        lead(day) over (partition by patient_id order by day asc nulls last) as next_day
    from visits

),

final as (

    select
        followed.patient_id,
        followed.day,
        cast(date_trunc('month', followed.day) as date) as month,
        followed.next_day,
        {{ add_days('followed.day', var('dental_hygiene_horizon_days')) }} as horizon_date,
        coalesce(
            followed.next_day
            <= {{ add_days('followed.day', var('dental_hygiene_horizon_days')) }},
            false
        ) as is_retained,
        coalesce(patients.patient_status_code = 0, false) as is_active_patient
    from followed
    left join patients on followed.patient_id = patients.patient_id

)

select * from final
