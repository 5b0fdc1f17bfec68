-- grain: one row per appointment and moment, with what was known of it then
with moments as (

    select * from {{ ref('int_ml__visit_moments') }}

),

appointments as (

    select * from {{ ref('int_clinic__appointments') }}

),

histories as (

    select * from {{ ref('int_ml__visit_histories') }}

),

rates as (

    select * from {{ ref('int_ml__clinic_rates') }}

),

circumstances as (

    select * from {{ ref('int_ml__visit_circumstances') }}

),

rules as (

    select * from {{ ref('int_ml__visit_rule') }}

),

final as (

    select
        moments.*,
        histories.last_outcome_number,
        histories.last_missed_date,
        histories.last_booked_at,
        histories.first_date,
        coalesce(histories.missed_count, 0) as missed_count,
        coalesce(histories.missed_count + histories.attended_count, 0) as outcome_count,
        coalesce(histories.missed_ahead_count, 0) as missed_ahead_count,
        coalesce(histories.missed_ahead_count + histories.attended_ahead_count, 0)
            as outcome_ahead_count,
        coalesce(histories.missed_above_expected, 0) as missed_above_expected,
        coalesce(histories.canceled_count, 0) as canceled_count,
        coalesce(histories.same_day_count, 0) as same_day_count,
        coalesce(histories.sooner_count, 0) as sooner_count,
        coalesce(histories.later_count, 0) as later_count,
        coalesce(histories.same_moment_count, 0) as same_moment_count,
        coalesce(histories.same_booking_day_count, 0) as same_booking_day_count,
        coalesce(histories.booked_30_days, 0) as booked_30_days,
        rates.recent_no_show_rate,
        circumstances.reschedule_count,
        circumstances.has_consent,
        circumstances.other_bookings_that_moment,
        rules.rule_score,
        appointments.is_open,
        case
            when appointments.appointment_date > {{ clinic_as_of() }} then null
            when appointments.is_missed then true
            when appointments.is_attended then false
        end as is_no_show
    from moments
    inner join appointments on moments.appointment_id = appointments.appointment_id
    inner join circumstances
        on
            moments.appointment_id = circumstances.appointment_id
            and moments.moment = circumstances.moment
    inner join rules
        on moments.appointment_id = rules.appointment_id and moments.moment = rules.moment
    left join histories
        on
            moments.appointment_id = histories.appointment_id
            and moments.moment = histories.moment
    left join rates on moments.known_day = rates.day and moments.lead_band = rates.lead_band

)

select * from final
