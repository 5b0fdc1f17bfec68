-- grain: one row per day of the week
with days as (

    select
        *,
        cast({{ iso_weekday('day') }} as bigint) as weekday
    from {{ ref('clinic__daily_kpis') }}
    where bookings > 0 and day <= {{ clinic_as_of() }}

),

final as (

    select
        weekday,
        cast(count(*) as bigint) as day_count,
        cast(sum(bookings) as bigint) as bookings,
        cast(sum(completed) as bigint) as completed,
        cast(sum(cancellations) as bigint) as cancellations,
        cast(sum(no_shows) as bigint) as no_shows,
        {{ ratio('sum(completed)', 'sum(completed) + sum(no_shows)') }} as show_rate,
        {{ ratio('sum(bookings)', 'count(*)') }} as bookings_per_day,
        cast(sum(revenue_paid) as decimal(14, 2)) as revenue_paid,
        {{ ratio('sum(attended_hours)', 'sum(available_hours)') }} as utilization_rate
    from days
    group by weekday

)

select * from final
