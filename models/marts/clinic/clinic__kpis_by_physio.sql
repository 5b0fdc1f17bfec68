-- grain: one row per month and physiotherapist
with visits as (

    select
        cast(date_trunc('month', appointment_date) as date) as month,
        physio_id,
        count(*) as bookings,
        sum(case when is_attended then 1 else 0 end) as completed,
        sum(case when is_canceled then 1 else 0 end) as cancellations,
        sum(case when is_missed then 1 else 0 end) as no_shows,
        sum(case when is_unmapped then 1 else 0 end) as unmapped,
        {{ known_sum('price_estimate_amount', 'is_attended') }} as revenue_estimate,
        {{ known_sum('paid_amount') }} as revenue_paid
    from {{ ref('clinic__fact_appointments') }}
    group by cast(date_trunc('month', appointment_date) as date), physio_id

),

hours as (

    select
        cast(date_trunc('month', day) as date) as month,
        physio_id,
        {% for name in ['attended', 'attended_outside'] -%}
            case
                when sum(visits_without_time) = 0
                    then sum(case when is_complete then {{ name }}_seconds else 0 end)
            end as {{ name }}_seconds,
        {% endfor -%}
        sum(case when is_complete then available_seconds else 0 end) as available_seconds,
        {{ capacity_source('capacity_source') }} as capacity_source
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
        {{ period_end('visits.month', 'month') }} <= {{ clinic_complete_until() }} as is_complete,
        {{ add_days(period_end('visits.month', 'month'), var('clinic_payment_horizon_days')) }}
        <= {{ clinic_as_of() }} as is_revenue_paid_mature,
        {% for name in ['bookings', 'completed', 'cancellations', 'no_shows', 'unmapped'] -%}
            cast(visits.{{ name }} as bigint) as {{ name }},
        {% endfor -%}
        {{ rate_columns('show_rate', 'visits.completed', 'visits.completed + visits.no_shows') }},
        {{ is_small_sample('visits.completed + visits.no_shows') }} as is_small_sample,
        cast(visits.revenue_estimate as decimal(14, 2)) as revenue_estimate,
        cast(visits.revenue_paid as decimal(14, 2)) as revenue_paid,
        {{ hours('hours.attended_seconds') }} as attended_hours,
        {{ hours('hours.attended_outside_seconds') }} as attended_outside_hours,
        {{ hours('hours.available_seconds') }} as available_hours,
        {{ ratio(
            'hours.attended_seconds - hours.attended_outside_seconds', 'hours.available_seconds'
        ) }} as utilization_rate,
        hours.capacity_source
    from visits
    left join hours
        on
            visits.month = hours.month
            and visits.physio_id = hours.physio_id
    left join physios on visits.physio_id = physios.physio_id

)

select * from final
