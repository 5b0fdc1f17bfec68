-- grain: one row per clinic-local day that has an appointment or a payment
with visits as (

    select
        appointment_date as day,
        count(*) as bookings,
        sum(case when is_open then 1 else 0 end) as still_booked,
        sum(case when is_attended then 1 else 0 end) as completed,
        sum(case when is_canceled then 1 else 0 end) as cancellations,
        sum(case when is_canceled and is_late_cancellation is not null then 1 else 0 end)
            as cancellations_with_notice,
        sum(case when is_late_cancellation then 1 else 0 end) as late_cancellations,
        sum(case when is_missed then 1 else 0 end) as no_shows,
        sum(case when is_unmapped then 1 else 0 end) as unmapped,
        {{ known_sum('price_estimate_amount', 'is_attended') }} as revenue_estimate,
        {{ known_sum('price_estimate_amount', 'is_attended or is_open') }} as revenue_expected,
        {{ known_sum('paid_amount') }} as revenue_paid
    from {{ ref('int_clinic__visits') }}
    group by appointment_date

),

collections as (

    select
        cast(paid_at as date) as day,
        sum(amount) as revenue_paid_by_payment_day,
        sum(case when paid_for = 'no appointment' then amount else 0 end)
            as revenue_without_appointment,
        sum(case when paid_for = 'no appointment' then 1 else 0 end)
            as payments_without_appointment,
        sum(tax_amount) as tax_by_payment_day
    from {{ ref('int_clinic__payments') }}
    group by cast(paid_at as date)

),

payments_known as (

    select count(*) > 0 as is_known from {{ ref('int_clinic__payments') }}

),

hours as (

    select
        day,
        sum(visits_without_time) as visits_without_time,
        {% for name in ['attended', 'attended_outside', 'booked'] -%}
            case when sum(visits_without_time) = 0 then sum({{ name }}_seconds) end
                as {{ name }}_seconds,
        {% endfor -%}
        sum(available_seconds) as available_seconds,
        {{ capacity_source('capacity_source') }} as capacity_source
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
        days.day <= {{ clinic_complete_until() }} as is_complete,
        {{ add_days('days.day', var('clinic_payment_horizon_days')) }} <= {{ clinic_as_of() }}
            as is_revenue_paid_mature,
        {% for name in [
            'bookings', 'still_booked', 'completed', 'cancellations', 'cancellations_with_notice',
            'no_shows', 'unmapped', 'revenue_estimate', 'revenue_expected'
        ] -%}
            coalesce(visits.{{ name }}, case when visits.day is null then 0 end) as {{ name }},
        {% endfor -%}
        case
            when visits.cancellations > 0 and visits.cancellations_with_notice = 0 then null
            else coalesce(visits.late_cancellations, 0)
        end as late_cancellations,
        {% for name in [
            'revenue_paid_by_payment_day', 'revenue_without_appointment',
            'payments_without_appointment'
        ] -%}
            case when payments_known.is_known then coalesce(collections.{{ name }}, 0) end
                as {{ name }},
        {% endfor -%}
        case
            when visits.day is not null then visits.revenue_paid
            when payments_known.is_known then 0
        end as revenue_paid,
        collections.tax_by_payment_day,
        coalesce(hours.visits_without_time, 0) as visits_without_time,
        {% for name in ['attended', 'attended_outside', 'booked'] -%}
            case when hours.day is null then 0 else hours.{{ name }}_seconds end
                as {{ name }}_seconds,
        {% endfor -%}
        coalesce(hours.available_seconds, 0) as available_seconds,
        hours.capacity_source
    from days
    cross join payments_known
    left join visits on days.day = visits.day
    left join collections on days.day = collections.day
    left join hours on days.day = hours.day

)

select * from final
