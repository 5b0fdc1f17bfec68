-- grain: one row per appointment and moment: what the book then said of the patient's other visits
with moments as (

    select * from {{ ref('int_ml__visit_moments') }}

),

visits as (

    select * from {{ ref('int_ml__visit_outcomes') }}

),

-- An outcome counts from the day after the visit, as the book said it by then. What was booked in
-- the same moment is known too.
others as (

    select
        moments.appointment_id,
        moments.moment,
        moments.appointment_date,
        moments.booked_at,
        moments.known_at,
        moments.known_day,
        visits.appointment_date as other_date,
        visits.booked_at as other_booked_at,
        visits.day_number,
        visits.expected_rate,
        visits.lead_days,
        visits.appointment_date < moments.known_day and visits.is_missed as is_missed,
        visits.appointment_date < moments.known_day and visits.is_attended as is_attended,
        visits.appointment_date < moments.known_day and visits.is_canceled as is_canceled,
        visits.booked_at <= moments.known_at as is_known_booking
    from moments
    inner join visits
        on
            moments.patient_id = visits.patient_id
            and moments.appointment_id <> visits.appointment_id
            and moments.known_day >= visits.known_from
            and moments.known_day < visits.known_until
    where visits.appointment_date < moments.known_day or visits.booked_at <= moments.known_at

),

final as (

    select
        appointment_id,
        moment,
        sum(case when is_missed then 1 else 0 end) as missed_count,
        sum(case when is_attended then 1 else 0 end) as attended_count,
        sum(case when is_canceled then 1 else 0 end) as canceled_count,
        sum(case
            when is_missed then 1 - expected_rate
            when is_attended then -expected_rate
            else 0
        end) as missed_above_expected,
        sum(case when is_missed and lead_days > 0 then 1 else 0 end) as missed_ahead_count,
        sum(case when is_attended and lead_days > 0 then 1 else 0 end) as attended_ahead_count,
        sum(case
            when is_missed and other_date >= {{ add_days('known_day', -90) }} then 1 else 0
        end) as missed_90_days,
        sum(case
            when is_attended and other_date >= {{ add_days('known_day', -90) }} then 1 else 0
        end) as attended_90_days,
        -- Day and outcome in one number, so that one maximum finds the last visit and how it went.
        max(case
            when is_missed then 2 * day_number + 1 when is_attended then 2 * day_number
        end) as last_outcome_number,
        max(case when is_missed then other_date end) as last_missed_date,
        sum(case when is_known_booking and other_date = appointment_date then 1 else 0 end)
            as same_day_count,
        sum(case
            when is_known_booking and other_date > appointment_date then 1 else 0
        end) as later_count,
        sum(case
            when
                is_known_booking and other_date >= known_day and other_date < appointment_date
                then 1
            else 0
        end) as sooner_count,
        sum(case when is_known_booking and other_booked_at = booked_at then 1 else 0 end)
            as same_moment_count,
        sum(case
            when is_known_booking and cast(other_booked_at as date) = cast(booked_at as date) then 1
            else 0
        end) as same_booking_day_count,
        sum(case
            when
                is_known_booking and other_date < appointment_date
                and other_date >= {{ add_days('appointment_date', -30) }}
                then 1
            else 0
        end) as booked_30_days,
        max(case when other_booked_at < booked_at then other_booked_at end) as last_booked_at,
        min(case when other_date < known_day then other_date end) as first_date
    from others
    group by appointment_id, moment

)

select * from final
