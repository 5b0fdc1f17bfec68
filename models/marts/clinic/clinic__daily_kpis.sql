-- grain: one row per clinic-local day that has an appointment or a payment
with sums as (

    select * from {{ ref('int_clinic__daily_sums') }}

),

-- Rates stand once the day is over; before that the parts are still coming in.
counted as (

    select
        *,
        case when is_complete then completed + no_shows end as due,
        case when is_complete then bookings - unmapped end as told
    from sums

),

final as (

    select
        day,
        is_complete,
        is_revenue_paid_mature,
        {% for name in [
            'bookings', 'still_booked', 'completed', 'cancellations', 'cancellations_with_notice',
            'late_cancellations', 'no_shows', 'unmapped', 'visits_without_time',
            'payments_without_appointment'
        ] -%}
            cast({{ name }} as bigint) as {{ name }},
        {% endfor -%}
        {{ rate_columns('show_rate', 'completed', 'due') }},
        {{ rate_columns('cancellation_rate', 'cancellations', 'told') }},
        {{ is_small_sample('least(due, told)') }} as is_small_sample,
        {% for name in [
            'revenue_estimate', 'revenue_expected', 'revenue_paid', 'revenue_paid_by_payment_day',
            'revenue_without_appointment', 'tax_by_payment_day'
        ] -%}
            cast({{ name }} as decimal(14, 2)) as {{ name }},
        {% endfor -%}
        {{ hours('attended_seconds') }} as attended_hours,
        {{ hours('attended_outside_seconds') }} as attended_outside_hours,
        {{ hours('booked_seconds') }} as booked_hours,
        {{ hours('available_seconds') }} as available_hours,
        case
            when is_complete
                then {{ ratio('attended_seconds - attended_outside_seconds', 'available_seconds') }}
        end as utilization_rate,
        case when not is_complete then {{ ratio('booked_seconds', 'available_seconds') }} end
            as booked_rate,
        capacity_source
    from counted

)

select * from final
