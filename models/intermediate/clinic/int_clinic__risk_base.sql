-- grain: one row: how often visits of the past year were missed, and what share had each factor
with appointments as (

    select
        *,
        row_number() over (
            partition by patient_id
            order by starts_at_utc asc nulls last, appointment_id asc nulls last
        ) as appointment_number
    from {{ ref('int_clinic__appointments') }}

),

due as (

    select
        is_missed,
        appointment_number = 1 as is_new_patient,
        not is_day_only
        and (
            extract(hour from starts_at) < {{ var('clinic_early_before_hour') }}
            or extract(hour from starts_at) >= {{ var('clinic_late_from_hour') }}
        ) as is_early_or_late,
        {{ iso_weekday('appointment_date') }} = 1 as is_monday
    from appointments
    where
        (is_attended or is_missed)
        and appointment_date <= {{ clinic_as_of() }}
        and appointment_date > {{ add_days(clinic_as_of(), -365) }}

),

final as (

    select
        count(*) as due_count,
        avg(case when is_missed then 1.0e0 else 0.0e0 end) as missed_share,
        avg(case when is_new_patient then 1.0e0 else 0.0e0 end) as new_patient_share,
        avg(case when is_early_or_late then 1.0e0 else 0.0e0 end) as early_or_late_share,
        avg(case when is_monday then 1.0e0 else 0.0e0 end) as monday_share
    from due

)

select * from final
