-- grain: one row per month and physiotherapist
with visits as (

    select
        cast(date_trunc('month', appointment_date) as date) as month,
        physio_id,
        count(*) as bookings,
        sum(case when is_attended then 1 else 0 end) as completed,
        sum(case when is_canceled then 1 else 0 end) as cancellations,
        sum(case when is_missed then 1 else 0 end) as no_shows,
        sum(case when is_attended then price_estimate_amount else 0 end) as revenue_estimate,
        sum(paid_amount) as revenue_paid
    from {{ ref('clinic__fact_appointments') }}
    group by cast(date_trunc('month', appointment_date) as date), physio_id

),

hours as (

    select
        cast(date_trunc('month', day) as date) as month,
        physio_id,
        sum(attended_seconds) as attended_seconds,
        sum(available_seconds) as available_seconds
    from {{ ref('int_clinic__physio_time') }}
    group by cast(date_trunc('month', day) as date), physio_id

),

physios as (

    select * from {{ ref('clinic__dim_physios') }}

),

final as (

    select
        visits.month,
        visits.physio_id,
        physios.physio_name,
        cast(visits.bookings as bigint) as bookings,
        cast(visits.completed as bigint) as completed,
        cast(visits.cancellations as bigint) as cancellations,
        cast(visits.no_shows as bigint) as no_shows,
        {{ ratio('visits.completed', 'visits.completed + visits.no_shows') }} as show_rate,
        cast(visits.revenue_estimate as decimal(14, 2)) as revenue_estimate,
        cast(visits.revenue_paid as decimal(14, 2)) as revenue_paid,
        cast(hours.attended_seconds / 3600.0 as decimal(12, 4)) as attended_hours,
        cast(hours.available_seconds / 3600.0 as decimal(12, 4)) as available_hours,
        {{ ratio('hours.attended_seconds', 'hours.available_seconds') }} as utilization_rate
    from visits
    left join hours
        on
            visits.month = hours.month
            and visits.physio_id = hours.physio_id
    left join physios on visits.physio_id = physios.physio_id

)

select * from final
