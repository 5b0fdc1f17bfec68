-- grain: one row per appointment and moment: what the clinic's rule for no-shows would have said
with moments as (

    select * from {{ ref('int_ml__visit_moments') }}

),

histories as (

    select * from {{ ref('int_ml__visit_histories') }}

),

points as (

    select
        max(case when factor = 'clinic_visits' then points end) as clinic_visits,
        max(case when factor = 'new_patient' then points end) as new_patient_points,
        max(case when factor = 'early_or_late_slot' then points end) as slot_points,
        max(case when factor = 'monday' then points end) as monday_points,
        max(case when factor = 'at_most' then points end) as at_most_points
    from {{ ref('clinic_risk_points') }}

),

ruled as (

    select
        moments.appointment_id,
        moments.moment,
        points.at_most_points,
        100.0 * (
            coalesce(histories.missed_90_days, 0)
            + points.clinic_visits * {{ var('ml_prior_no_show_rate') }}
        ) / (
            coalesce(histories.missed_90_days + histories.attended_90_days, 0)
            + points.clinic_visits
        )
        + case when histories.first_date is null then points.new_patient_points else 0 end
        + case
            when
                extract(hour from moments.starts_at) < {{ var('clinic_early_before_hour') }}
                or extract(hour from moments.starts_at) >= {{ var('clinic_late_from_hour') }}
                then points.slot_points
            else 0
        end
        + case
            when {{ iso_weekday('moments.appointment_date') }} = 1 then points.monday_points
            else 0
        end as rule_points
    from moments
    cross join points
    left join histories
        on
            moments.appointment_id = histories.appointment_id
            and moments.moment = histories.moment

),

final as (

    select
        appointment_id,
        moment,
        cast(case
            when rule_points > at_most_points then at_most_points else rule_points
        end / 100.0 as decimal(9, 3)) as rule_score
    from ruled

)

select * from final
