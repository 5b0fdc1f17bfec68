{#- The query of a feature mart of visits, for one moment at which their risk is asked. Rates are kept to
    three decimals, as reasons tell them. -#}
{% macro appointment_features(moment) -%}
with visits as (

    select * from {{ ref('int_ml__appointment_features') }}
    where moment = '{{ moment }}'

),

final as (

    select
        appointment_id as entity_id,
        appointment_id,
        patient_id,
        appointment_date,
        known_at,
        cast(lead_days as bigint) as lead_days,
        case
            when starts_at > cast(appointment_date as timestamp)
                then cast(floor({{ seconds_between('booked_at', 'starts_at') }} / 3600) as bigint)
        end as lead_hours,
        cast({{ iso_weekday('appointment_date') }} as bigint) as weekday,
        cast(extract(month from appointment_date) as bigint) as month_number,
        cast(extract(day from appointment_date) as bigint) as day_of_month,
        case
            when starts_at > cast(appointment_date as timestamp)
                then cast(extract(hour from starts_at) as bigint)
        end as start_hour,
        cast(extract(hour from booked_at) as bigint) as booked_hour,
        cast({{ iso_weekday('booked_at') }} as bigint) as booked_weekday,
        cast({{ dbt.datediff('first_date', 'appointment_date', 'day') }} as bigint)
            as days_since_first_visit,
        cast(outcome_count as bigint) as earlier_visits,
        cast(missed_count as bigint) as earlier_no_shows,
        {{ shrunk_rate('missed_count', 'outcome_count', var('ml_prior_no_show_rate')) }} as no_show_rate,
        {{ shrunk_rate(
            'missed_ahead_count', 'outcome_ahead_count', var('ml_prior_no_show_rate')
        ) }} as no_show_rate_ahead,
        {{ shrunk_rate('missed_above_expected', 'outcome_count', 0) }} as no_shows_above_expected,
        cast(canceled_count as bigint) as earlier_cancellations,
        cast(
            {{ dbt.datediff("cast('1900-01-01' as date)", 'appointment_date', 'day') }}
            - floor(last_outcome_number / 2.0) as bigint
        ) as days_since_last_visit,
        cast(last_outcome_number - 2 * floor(last_outcome_number / 2.0) as bigint)
            as was_last_missed,
        cast({{ dbt.datediff('last_missed_date', 'appointment_date', 'day') }} as bigint)
            as days_since_no_show,
        cast({{ dbt.datediff('last_booked_at', 'booked_at', 'day') }} as bigint)
            as days_since_last_booking,
        cast(same_day_count as bigint) as visits_that_day,
        cast(sooner_count as bigint) as bookings_sooner,
        cast(later_count as bigint) as bookings_later,
        cast(same_moment_count as bigint) as booked_together,
        cast(same_booking_day_count as bigint) as booked_that_day,
        cast(booked_30_days as bigint) as visits_30_days_before,
        cast(other_bookings_that_moment as bigint) as other_bookings_that_moment,
        cast(recent_no_show_rate as decimal(9, 3)) as clinic_no_show_rate,
        cast(reschedule_count as bigint) as reschedules,
        cast(has_consent as bigint) as has_consent,
        cast(round(price_estimate_amount) as bigint) as price_estimate,
        cast(nullif(round(duration_seconds / 60.0), 0) as bigint) as duration_minutes,
        physio_id,
        case when first_date is null then 'new' else 'known' end as patient_group,
        rule_score,
        is_open,
        is_no_show
    from visits

)

select * from final
{%- endmacro %}
