-- grain: one row per appointment that was not canceled: how much of it lies within bookable hours
with visits as (

    select * from {{ ref('int_clinic__appointments') }}
    where not is_canceled and not is_unmapped

),

stretches as (

    select * from {{ ref('int_clinic__capacity_stretches') }}

),

stated_days as (

    select day from stretches
    where capacity_source = 'availability.csv'
    group by day

),

shared as (

    select
        visits.appointment_id,
        least(visits.ends_at_utc, stretches.to_utc) as to_utc,
        greatest(visits.starts_at_utc, stretches.from_utc) as from_utc
    from visits
    inner join stretches
        on
            visits.physio_id = stretches.physio_id
            and visits.appointment_date = stretches.day
            and visits.starts_at_utc < stretches.to_utc
            and visits.ends_at_utc > stretches.from_utc
    where not visits.is_day_only

),

within as (

    select
        appointment_id,
        cast(round(sum({{ seconds_between('from_utc', 'to_utc') }})) as bigint) as within_seconds
    from shared
    group by appointment_id

),

final as (

    select
        visits.appointment_id,
        visits.physio_id,
        visits.appointment_date,
        visits.is_open,
        visits.is_attended,
        visits.is_day_only,
        visits.duration_seconds,
        case when not visits.is_day_only then coalesce(within.within_seconds, 0) end
            as within_seconds,
        visits.duration_seconds - coalesce(within.within_seconds, 0) as outside_seconds,
        stated_days.day is not null as is_rota_day
    from visits
    left join within on visits.appointment_id = within.appointment_id
    left join stated_days on visits.appointment_date = stated_days.day

)

select * from final
