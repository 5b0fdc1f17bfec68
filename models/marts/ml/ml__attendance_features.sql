-- grain: one row per appointment of the dental practice, with what was known on the evening before
with appointments as (

    select
        *,
        cast(starts_at as date) as appointment_date,
        case
            when cast(starts_at as date) > {{ as_of() }} then {{ add_days(as_of(), 1) }}
            else cast(starts_at as date)
        end as known_day
    from {{ ref('int_dental__appointments') }}
    where is_booking and starts_at is not null

),

patient_days as (

    select * from {{ ref('int_ml__patient_days') }}

),

circumstances as (

    select * from {{ ref('int_ml__dental_circumstances') }}

),

final as (

    select
        cast(appointments.appointment_id as {{ dbt.type_string() }}) as entity_id,
        appointments.appointment_id,
        appointments.patient_id,
        appointments.appointment_date,
        case
            when appointments.entry_at > cast(appointments.known_day as timestamp)
                then appointments.entry_at
            else cast(appointments.known_day as timestamp)
        end as known_at,
        cast({{ dbt.datediff('appointments.entry_at', 'appointments.starts_at', 'day') }} as bigint)
            as lead_days,
        cast({{ iso_weekday('appointments.appointment_date') }} as bigint) as weekday,
        cast(extract(month from appointments.appointment_date) as bigint) as month_number,
        cast(extract(hour from appointments.starts_at) as bigint) as start_hour,
        cast(appointments.minutes as bigint) as duration_minutes,
        cast(case when appointments.is_hygiene then 1 else 0 end as bigint) as is_hygiene,
        cast(appointments.provider_id as {{ dbt.type_string() }}) as provider_id,
        cast(appointments.clinic_id as {{ dbt.type_string() }}) as clinic_id,
        cast(circumstances.move_count as bigint) as reschedules,
        cast(circumstances.household_count as bigint) as household_visits_that_day,
        {{ person_features(['broken', 'kept_rate', 'household_broken', 'visits', 'balance']) }},
        patient_days.insurance_plans > 0 as is_insured,
        cast(patient_days.age as bigint) as age,
        patient_days.age_band,
        patient_days.sex,
        case when patient_days.done = 0 then 'new' else 'known' end as patient_group,
        {{ broken_rate() }} as rule_score,
        appointments.is_scheduled as is_open,
        case
            when appointments.appointment_date > {{ as_of() }} then null
            when appointments.is_broken then true
            when appointments.is_kept then false
        end as is_missed
    from appointments
    inner join patient_days
        on
            appointments.patient_id = patient_days.patient_id
            and appointments.known_day = patient_days.day
    left join circumstances on appointments.appointment_id = circumstances.appointment_id
    where
        appointments.entry_at is null
        or cast(appointments.entry_at as date) <= {{ as_of() }}

)

select * from final
