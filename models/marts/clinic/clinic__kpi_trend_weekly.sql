-- grain: one row per ISO week (Monday to Sunday)
with days as (

    select
        *,
        cast(date_trunc('week', day) as date) as week_start_date
    from {{ ref('int_clinic__daily_sums') }}

),

weeks as (

    select
        week_start_date,
        {{ period_end('week_start_date', 'week') }} <= {{ clinic_complete_until() }} as is_complete,
        {{ add_days(period_end('week_start_date', 'week'), var('clinic_payment_horizon_days')) }}
        <= {{ clinic_as_of() }} as is_revenue_paid_mature,
        {% for name in [
            'bookings', 'still_booked', 'completed', 'cancellations', 'cancellations_with_notice',
            'no_shows', 'unmapped', 'revenue_estimate', 'revenue_paid',
            'revenue_paid_by_payment_day', 'revenue_without_appointment', 'visits_without_time'
        ] -%}
            sum({{ name }}) as {{ name }},
        {% endfor -%}
        case
            when sum(cancellations) > 0 and sum(cancellations_with_notice) = 0 then null
            else coalesce(sum(late_cancellations), 0)
        end as late_cancellations,
        -- hours of the days that are over; what is still to come is in booked_seconds
        {% for name in ['attended', 'attended_outside', 'available'] -%}
            case
                when sum(visits_without_time) = 0 or '{{ name }}' = 'available'
                    then sum(case when is_complete then {{ name }}_seconds else 0 end)
            end as {{ name }}_seconds,
        {% endfor -%}
        case
            when sum(visits_without_time) = 0
                then sum(case when is_complete then 0 else booked_seconds end)
        end as coming_booked_seconds,
        {{ capacity_source('capacity_source') }} as capacity_source
    from days
    group by week_start_date

),

rated as (

    select
        weeks.*,
        {{ ratio('completed', 'completed + no_shows') }} as show_rate
    from weeks

),

final as (

    select
        weeks.week_start_date,
        weeks.is_complete,
        weeks.is_revenue_paid_mature,
        {% for name in [
            'bookings', 'still_booked', 'completed', 'cancellations', 'cancellations_with_notice',
            'late_cancellations', 'no_shows', 'unmapped'
        ] -%}
            cast(weeks.{{ name }} as bigint) as {{ name }},
        {% endfor -%}
        {{ rate_columns('show_rate', 'weeks.completed', 'weeks.completed + weeks.no_shows') }},
        {{ is_small_sample('weeks.completed + weeks.no_shows') }} as is_small_sample,
        case when weeks.is_complete then weeks.show_rate - previous.show_rate end
            as show_rate_change,
        {% for name in [
            'revenue_estimate', 'revenue_paid', 'revenue_paid_by_payment_day',
            'revenue_without_appointment'
        ] -%}
            cast(weeks.{{ name }} as decimal(14, 2)) as {{ name }},
        {% endfor -%}
        case
            when weeks.is_revenue_paid_mature
                then cast(weeks.revenue_paid - previous.revenue_paid as decimal(14, 2))
        end as revenue_paid_change,
        case
            when weeks.is_complete
                then cast(
                    weeks.revenue_paid_by_payment_day - previous.revenue_paid_by_payment_day
                    as decimal(14, 2)
                )
        end as revenue_paid_by_payment_day_change,
        {{ hours('weeks.attended_seconds') }} as attended_hours,
        {{ hours('weeks.attended_outside_seconds') }} as attended_outside_hours,
        {{ hours('weeks.available_seconds') }} as available_hours,
        {{ hours('weeks.coming_booked_seconds') }} as coming_booked_hours,
        {{ ratio(
            'weeks.attended_seconds - weeks.attended_outside_seconds', 'weeks.available_seconds'
        ) }} as utilization_rate,
        weeks.capacity_source
    from rated as weeks
    left join rated as previous
        on weeks.week_start_date = {{ add_days('previous.week_start_date', 7) }}

)

select * from final
