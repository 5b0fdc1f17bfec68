-- grain: one row per appointment and state it was in, from the day of the drop that showed it
with states as (

    select * from {{ ref('int_clinic__appointment_states') }}
    where is_in_book

),

followed as (

    select
        {% for name in [
            'until_day', 'status', 'physio_id', 'starts_at', 'ends_at', 'starts_at_utc'
        ] -%}
            lag({{ name }}) over (partition by appointment_id order by shown_day asc nulls last)
                as previous_{{ name }},
        {% endfor -%}
        *
    from states

),

marked as (

    select
        *,
        coalesce(previous_until_day = shown_day, false) as follows_at_once,
        coalesce(
            previous_until_day = shown_day
            and status = previous_status
            and physio_id = previous_physio_id
            and starts_at_utc = previous_starts_at_utc
            and coalesce(ends_at, starts_at) = coalesce(previous_ends_at, previous_starts_at),
            false
        ) as is_same
    from followed

),

numbered as (

    select
        *,
        sum(case when is_same then 0 else 1 end) over (
            partition by appointment_id
            order by shown_day asc nulls last
            rows between unbounded preceding and current row
        ) as version_number
    from marked

),

lasting as (

    select
        *,
        last_value(until_day) over (
            partition by appointment_id, version_number
            order by shown_day asc nulls last
            rows between unbounded preceding and unbounded following
        ) as valid_to_date
    from numbered

),

final as (

    select
        appointment_id,
        version_number,
        status,
        physio_id,
        starts_at,
        coalesce(ends_at, starts_at) as ends_at,
        starts_at_utc,
        previous_status,
        previous_physio_id,
        previous_starts_at,
        previous_ends_at,
        follows_at_once,
        shown_day as valid_from_date,
        valid_to_date
    from lasting
    where not is_same

)

select * from final
