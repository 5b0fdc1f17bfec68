-- grain: one row per day of the week
with days as (

    select
        *,
        cast({{ iso_weekday('day') }} as bigint) as weekday
    from {{ ref('int_clinic__daily_sums') }}
    where bookings > 0 and is_complete

),

counted as (

    select
        weekday,
        count(*) as day_count,
        sum(bookings) as bookings,
        sum(completed) as completed,
        sum(cancellations) as cancellations,
        sum(no_shows) as no_shows,
        sum(completed) + sum(no_shows) as due,
        sum(revenue_paid) as revenue_paid,
        case when sum(visits_without_time) = 0 then sum(attended_seconds) end as attended_seconds,
        case when sum(visits_without_time) = 0 then sum(attended_outside_seconds) end
            as attended_outside_seconds,
        sum(available_seconds) as available_seconds,
        {{ capacity_source('capacity_source') }} as capacity_source
    from days
    group by weekday

),

final as (

    select
        weekday,
        {% for name in ['day_count', 'bookings', 'completed', 'cancellations', 'no_shows'] -%}
            cast({{ name }} as bigint) as {{ name }},
        {% endfor -%}
        {{ rate_columns('show_rate', 'completed', 'due') }},
        {{ is_small_sample('due') }} as is_small_sample,
        {{ ratio('bookings', 'day_count') }} as bookings_per_day,
        cast(revenue_paid as decimal(14, 2)) as revenue_paid,
        {{ hours('attended_seconds') }} as attended_hours,
        {{ hours('attended_outside_seconds') }} as attended_outside_hours,
        {{ hours('available_seconds') }} as available_hours,
        {{ ratio('attended_seconds - attended_outside_seconds', 'available_seconds') }}
            as utilization_rate,
        capacity_source
    from counted

)

select * from final
