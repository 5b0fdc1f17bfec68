-- grain: one row per ISO week (Monday to Sunday)
with days as (

    select
        *,
        cast(date_trunc('week', day) as date) as week_start_date
    from {{ ref('clinic__daily_kpis') }}

),

weeks as (

    select
        week_start_date,
        sum(bookings) as bookings,
        sum(completed) as completed,
        sum(cancellations) as cancellations,
        sum(late_cancellations) as late_cancellations,
        sum(no_shows) as no_shows,
        sum(revenue_estimate) as revenue_estimate,
        sum(revenue_paid) as revenue_paid,
        sum(revenue_paid_by_payment_day) as revenue_paid_by_payment_day,
        sum(attended_hours) as attended_hours,
        sum(available_hours) as available_hours,
        max(day) as last_day
    from days
    group by week_start_date

),

previous as (

    select
        {{ add_days('week_start_date', 7) }} as next_week_start_date,
        {{ ratio('completed', 'completed + no_shows') }} as show_rate,
        revenue_paid
    from weeks

),

final as (

    select
        weeks.week_start_date,
        weeks.last_day < {{ clinic_as_of() }} as is_past,
        cast(weeks.bookings as bigint) as bookings,
        cast(weeks.completed as bigint) as completed,
        cast(weeks.cancellations as bigint) as cancellations,
        cast(weeks.late_cancellations as bigint) as late_cancellations,
        cast(weeks.no_shows as bigint) as no_shows,
        {{ ratio('weeks.completed', 'weeks.completed + weeks.no_shows') }} as show_rate,
        {{ ratio('weeks.completed', 'weeks.completed + weeks.no_shows') }} - previous.show_rate
            as show_rate_change,
        cast(weeks.revenue_estimate as decimal(14, 2)) as revenue_estimate,
        cast(weeks.revenue_paid as decimal(14, 2)) as revenue_paid,
        cast(weeks.revenue_paid - previous.revenue_paid as decimal(14, 2)) as revenue_paid_change,
        cast(weeks.revenue_paid_by_payment_day as decimal(14, 2)) as revenue_paid_by_payment_day,
        {{ ratio('weeks.attended_hours', 'weeks.available_hours') }} as utilization_rate
    from weeks
    left join previous on weeks.week_start_date = previous.next_week_start_date

)

select * from final
