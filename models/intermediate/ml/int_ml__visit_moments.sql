-- grain: one row per appointment and moment its risk is asked: at booking, the evening before
with appointments as (

    select * from {{ ref('int_clinic__appointments') }}

),

versions as (

    select
        *,
        case when version_number = 1 then cast('1900-01-01' as date) else known_from end
            as stands_from
    from {{ ref('int_ml__visit_versions') }}

),

bands as (

    select * from {{ ref('ml_lead_bands') }}

),

-- A visit booked on its own day is known from its booking on; one to come, by the end of today.
evenings as (

    select
        appointment_id,
        patient_id,
        appointment_date,
        starts_at,
        booked_at,
        case
            when appointment_date > {{ clinic_as_of() }}
                then cast({{ add_days(clinic_as_of(), 1) }} as timestamp)
            when booked_at > cast(appointment_date as timestamp) then booked_at
            else cast(appointment_date as timestamp)
        end as known_at
    from appointments
    where booked_at is null or booked_at < cast({{ add_days(clinic_as_of(), 1) }} as timestamp)

),

asked as (

    select
        'evening before' as moment,
        evenings.*
    from evenings
    union all
    -- A booking that no drop of its day shows is known from the first that does.
    select
        'booking' as moment,
        evenings.appointment_id,
        evenings.patient_id,
        evenings.appointment_date,
        evenings.starts_at,
        evenings.booked_at,
        case
            when versions.known_from <= cast(evenings.booked_at as date) then evenings.booked_at
            when evenings.known_at < cast(versions.known_from as timestamp) then evenings.known_at
            else cast(versions.known_from as timestamp)
        end as known_at
    from evenings
    inner join versions
        on evenings.appointment_id = versions.appointment_id and versions.version_number = 1
    where evenings.booked_at is not null

),

-- The slot is the one that stood then: a visit may be moved, or corrected after it was over.
slots as (

    select
        asked.appointment_id,
        asked.moment,
        asked.patient_id,
        versions.physio_id,
        case
            when asked.moment = 'booking' or versions.appointment_date = asked.appointment_date
                then versions.starts_at
            else asked.starts_at
        end as starts_at,
        asked.booked_at,
        asked.known_at,
        versions.price_estimate_amount,
        versions.duration_seconds
    from asked
    inner join versions
        on
            asked.appointment_id = versions.appointment_id
            and cast(asked.known_at as date) >= versions.stands_from
            and cast(asked.known_at as date) < versions.known_until

),

final as (

    select
        slots.appointment_id,
        slots.moment,
        slots.patient_id,
        slots.physio_id,
        cast(slots.starts_at as date) as appointment_date,
        slots.starts_at,
        slots.booked_at,
        slots.known_at,
        cast(slots.known_at as date) as known_day,
        {{ dbt.datediff('slots.booked_at', 'slots.starts_at', 'day') }} as lead_days,
        bands.lead_band,
        slots.price_estimate_amount,
        slots.duration_seconds
    from slots
    left join bands
        on
            {{ dbt.datediff('slots.booked_at', 'slots.starts_at', 'day') }} >= bands.from_days
            and (
                {{ dbt.datediff('slots.booked_at', 'slots.starts_at', 'day') }} < bands.to_days
                or bands.to_days is null
            )

)

select * from final
