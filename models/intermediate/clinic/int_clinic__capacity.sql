-- grain: one row per local day and physiotherapist who could be booked
with available_time as (

    select * from {{ ref('int_clinic__available_time') }}

),

opening_hours as (

    select * from {{ ref('clinic_opening_hours') }}

),

visits as (

    select * from {{ ref('int_clinic__appointments') }}

),

stated_days as (

    select availability_date from available_time
    group by availability_date

),

open_days as (

    select visits.appointment_date
    from visits
    left join stated_days on visits.appointment_date = stated_days.availability_date
    where stated_days.availability_date is null
    group by visits.appointment_date

),

tenures as (

    select
        physio_id,
        min(appointment_date) as first_day,
        max(appointment_date) as last_day
    from visits
    group by physio_id

),

opening_moments as (

    select
        open_days.appointment_date,
        {{ local_to_utc('open_days.appointment_date + opening_hours.opens_at') }} as opens_at_utc,
        {{ local_to_utc('open_days.appointment_date + opening_hours.closes_at') }} as closes_at_utc
    from open_days
    inner join opening_hours
        on {{ iso_weekday('open_days.appointment_date') }} = opening_hours.weekday

),

daily_time as (

    select
        appointment_date,
        cast(round(sum({{ seconds_between('opens_at_utc', 'closes_at_utc') }})) as bigint)
            as opening_seconds
    from opening_moments
    group by appointment_date

),

final as (

    select
        physio_id,
        availability_date as day,
        available_seconds,
        'availability.csv' as capacity_source
    from available_time
    union all
    select
        tenures.physio_id,
        daily_time.appointment_date as day,
        daily_time.opening_seconds as available_seconds,
        'opening hours' as capacity_source
    from daily_time
    inner join tenures
        on daily_time.appointment_date between tenures.first_day and tenures.last_day

)

select * from final
