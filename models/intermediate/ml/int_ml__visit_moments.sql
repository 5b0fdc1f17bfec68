-- grain: one row per appointment and moment its risk is asked: at booking, the evening before
with appointments as (

    select * from {{ ref('int_clinic__appointments') }}

),

bands as (

    select * from {{ ref('ml_lead_bands') }}

),

-- A visit booked on its own day is known from its booking on; one to come, by the end of today.
asked as (

    select
        appointment_id,
        'evening before' as moment,
        case
            when appointment_date > {{ clinic_as_of() }}
                then cast({{ add_days(clinic_as_of(), 1) }} as timestamp)
            when booked_at > cast(appointment_date as timestamp) then booked_at
            else cast(appointment_date as timestamp)
        end as known_at
    from appointments
    where booked_at is null or booked_at < cast({{ add_days(clinic_as_of(), 1) }} as timestamp)
    union all
    select
        appointment_id,
        'booking' as moment,
        booked_at as known_at
    from appointments
    where booked_at < cast({{ add_days(clinic_as_of(), 1) }} as timestamp)

),

final as (

    select
        asked.appointment_id,
        asked.moment,
        appointments.patient_id,
        appointments.physio_id,
        appointments.appointment_date,
        appointments.starts_at,
        appointments.booked_at,
        asked.known_at,
        cast(asked.known_at as date) as known_day,
        {{ dbt.datediff('appointments.booked_at', 'appointments.starts_at', 'day') }} as lead_days,
        bands.lead_band
    from asked
    inner join appointments on asked.appointment_id = appointments.appointment_id
    left join bands
        on
            {{ dbt.datediff('appointments.booked_at', 'appointments.starts_at', 'day') }}
            >= bands.from_days
            and (
                {{ dbt.datediff('appointments.booked_at', 'appointments.starts_at', 'day') }}
                < bands.to_days
                or bands.to_days is null
            )

)

select * from final
