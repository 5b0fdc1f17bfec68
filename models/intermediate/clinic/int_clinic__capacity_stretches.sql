-- grain: one row per stretch of time in which a physiotherapist could be booked; none overlap
with availability as (

    select * from {{ ref('int_clinic__availability_checks') }}
    where rejection_reason is null and is_known and not is_superseded and not is_gone

),

opening_hours as (

    select * from {{ ref('clinic_opening_hours') }}

),

visits as (

    select * from {{ ref('int_clinic__appointments') }}

),

followed as (

    select
        *,
        max(available_to_utc) over (
            partition by physio_id, availability_date
            order by available_from_utc nulls last, available_to_utc nulls last
            rows between unbounded preceding and 1 preceding
        ) as covered_until_utc
    from availability

),

stated as (

    select
        physio_id,
        availability_date as day,
        case
            when covered_until_utc > available_from_utc then covered_until_utc
            else available_from_utc
        end as from_utc,
        available_to_utc as to_utc
    from followed

),

stated_days as (

    select day from stated
    group by day

),

coming_days as (

    select {{ add_days(clinic_as_of(), 'number') }} as day
    from ({{ number_series(14) }}) as numbers

),

open_days as (

    select appointment_date as day from visits
    union
    select day from coming_days

),

tenures as (

    select
        physio_id,
        min(appointment_date) as first_day,
        case
            when max(appointment_date) >= {{ add_days(clinic_as_of(), -28) }}
                then greatest(max(appointment_date), {{ add_days(clinic_as_of(), 14) }})
            else max(appointment_date)
        end as last_day
    from visits
    group by physio_id

),

opening_moments as (

    select
        open_days.day,
        {{ local_to_utc(moment_on('open_days.day', 'opening_hours.opens_at')) }} as from_utc,
        {{ local_to_utc(moment_on('open_days.day', 'opening_hours.closes_at')) }} as to_utc
    from open_days
    inner join opening_hours on {{ iso_weekday('open_days.day') }} = opening_hours.weekday
    left join stated_days on open_days.day = stated_days.day
    where stated_days.day is null

),

final as (

    select
        physio_id,
        day,
        from_utc,
        to_utc,
        'availability.csv' as capacity_source
    from stated
    where to_utc > from_utc
    union all
    select
        tenures.physio_id,
        opening_moments.day,
        opening_moments.from_utc,
        opening_moments.to_utc,
        'opening hours' as capacity_source
    from opening_moments
    inner join tenures on opening_moments.day between tenures.first_day and tenures.last_day

)

select * from final
