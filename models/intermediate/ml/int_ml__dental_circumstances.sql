-- grain: one row per dental appointment: moves so far, and who else of the household comes that day
with appointments as (

    select
        appointments.appointment_id,
        appointments.patient_id,
        cast(appointments.starts_at as date) as appointment_date,
        appointments.entry_at,
        coalesce(patients.guarantor_id, appointments.patient_id) as guarantor_id,
        case
            when cast(appointments.starts_at as date) > {{ as_of() }}
                then cast({{ add_days(as_of(), 1) }} as timestamp)
            else cast(cast(appointments.starts_at as date) as timestamp)
        end as known_at
    from {{ ref('int_dental__appointments') }} as appointments
    inner join {{ ref('stg_opendental__patients') }} as patients
        on appointments.patient_id = patients.patient_id
    where appointments.is_booking

),

events as (

    select
        *,
        lag(appointment_at) over (
            partition by appointment_id
            order by event_at asc nulls last, appointment_event_id asc nulls last
        ) as previous_at
    from {{ ref('stg_opendental__appointment_events') }}
    where appointment_at is not null

),

moves as (

    select
        appointments.appointment_id,
        count(*) as move_count
    from appointments
    inner join events on appointments.appointment_id = events.appointment_id
    where events.appointment_at <> events.previous_at and events.event_at < appointments.known_at
    group by appointments.appointment_id

),

households as (

    select
        appointments.appointment_id,
        count(*) as household_count
    from appointments
    inner join appointments as others
        on
            appointments.guarantor_id = others.guarantor_id
            and appointments.appointment_date = others.appointment_date
            and appointments.patient_id <> others.patient_id
    where others.entry_at < appointments.known_at
    group by appointments.appointment_id

),

final as (

    select
        appointments.appointment_id,
        coalesce(moves.move_count, 0) as move_count,
        coalesce(households.household_count, 0) as household_count
    from appointments
    left join moves on appointments.appointment_id = moves.appointment_id
    left join households on appointments.appointment_id = households.appointment_id

)

select * from final
