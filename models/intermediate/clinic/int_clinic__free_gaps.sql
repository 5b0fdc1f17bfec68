-- grain: one row per gap between booked visits within bookable hours, of the coming two weeks
with stretches as (

    select * from {{ ref('int_clinic__capacity_stretches') }}
    where
        day > {{ clinic_as_of() }}
        and day <= {{ add_days(clinic_as_of(), 14) }}

),

visits as (

    select * from {{ ref('int_clinic__appointments') }}
    where not is_canceled and not is_unmapped and not is_day_only

),

-- Each stretch ends with a mark of no length, so that the gap after the last visit is a gap, too.
busy as (

    select
        stretches.physio_id,
        stretches.day,
        stretches.from_utc as stretch_from_utc,
        greatest(visits.starts_at_utc, stretches.from_utc) as busy_from_utc,
        least(visits.ends_at_utc, stretches.to_utc) as busy_to_utc
    from stretches
    inner join visits
        on
            stretches.physio_id = visits.physio_id
            and stretches.day = visits.appointment_date
            and stretches.from_utc < visits.ends_at_utc
            and stretches.to_utc > visits.starts_at_utc
    union all
    select
        physio_id,
        day,
        from_utc as stretch_from_utc,
        to_utc as busy_from_utc,
        to_utc as busy_to_utc
    from stretches

),

followed as (

    select
        *,
        coalesce(
            max(busy_to_utc) over (
                partition by physio_id, day, stretch_from_utc
                order by busy_from_utc nulls last, busy_to_utc nulls last
                rows between unbounded preceding and 1 preceding
            ),
            stretch_from_utc
        ) as free_from_utc
    from busy

),

final as (

    select
        physio_id,
        day,
        free_from_utc,
        busy_from_utc as free_to_utc,
        cast(round({{ seconds_between('free_from_utc', 'busy_from_utc') }}) as bigint)
            as free_seconds
    from followed
    where busy_from_utc > free_from_utc

)

select * from final
