-- grain: one row per clinic-local day that has an appointment or a payment
with visits as (

    select
        appointment_date as day,
        count(*) as bookings,
        sum(case when is_open then 1 else 0 end) as still_booked,
        sum(case when is_attended then 1 else 0 end) as completed,
        sum(case when is_canceled then 1 else 0 end) as cancellations,
        sum(case when is_late_cancellation then 1 else 0 end) as late_cancellations,
        sum(case when is_missed then 1 else 0 end) as no_shows,
        sum(case when is_attended then price_estimate_amount end) as revenue_estimate,
        sum(case when is_attended or is_open then price_estimate_amount end) as revenue_expected,
        sum(paid_amount) as revenue_paid
    from {{ ref('clinic__fact_appointments') }}
    group by appointment_date

),

collections as (

    select
        payment_date as day,
        sum(amount) as revenue_paid_by_payment_day
    from {{ ref('clinic__fact_payments') }}
    group by payment_date

),

hours as (

    select
        day,
        sum(attended_seconds) as attended_seconds,
        sum(available_seconds) as available_seconds
    from {{ ref('int_clinic__physio_time') }}
    group by day

),

days as (

    select day from visits
    union
    select day from collections

),

final as (

    select
        days.day,
        cast(coalesce(visits.bookings, 0) as bigint) as bookings,
        cast(coalesce(visits.still_booked, 0) as bigint) as still_booked,
        cast(coalesce(visits.completed, 0) as bigint) as completed,
        cast(coalesce(visits.cancellations, 0) as bigint) as cancellations,
        cast(coalesce(visits.late_cancellations, 0) as bigint) as late_cancellations,
        cast(coalesce(visits.no_shows, 0) as bigint) as no_shows,
        {{ ratio('visits.completed', 'visits.completed + visits.no_shows') }} as show_rate,
        {{ ratio('visits.cancellations', 'visits.bookings') }} as cancellation_rate,
        cast(coalesce(visits.revenue_estimate, 0) as decimal(14, 2)) as revenue_estimate,
        cast(coalesce(visits.revenue_expected, 0) as decimal(14, 2)) as revenue_expected,
        cast(coalesce(visits.revenue_paid, 0) as decimal(14, 2)) as revenue_paid,
        cast(coalesce(collections.revenue_paid_by_payment_day, 0) as decimal(14, 2))
            as revenue_paid_by_payment_day,
        cast(coalesce(hours.attended_seconds, 0) / 3600.0 as decimal(12, 4)) as attended_hours,
        cast(coalesce(hours.available_seconds, 0) / 3600.0 as decimal(12, 4)) as available_hours,
        {{ ratio('hours.attended_seconds', 'hours.available_seconds') }} as utilization_rate
    from days
    left join visits on days.day = visits.day
    left join collections on days.day = collections.day
    left join hours on days.day = hours.day

)

select * from final
