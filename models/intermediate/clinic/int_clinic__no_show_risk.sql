-- grain: one row per booked visit to come: its risk, from a model with skill or from the rule
with coming as (

    select * from {{ ref('int_clinic__coming_visits') }}

),

base as (

    select * from {{ ref('int_clinic__risk_base') }}

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

buckets as (

    select
        risk_bucket,
        is_reason,
        from_risk,
        lead(from_risk) over (order by from_risk nulls last) as to_risk
    from {{ ref('clinic_risk_buckets') }}

),

scores as (

    select
        *,
        row_number() over (
            partition by entity_id order by as_of desc nulls last, model_version desc nulls last
        ) as score_rank
    from {{ ref('int_ml__clinic_scores') }}
    where
        model_name = '{{ var("clinic_risk_model") }}'
        and as_of <= {{ clinic_as_of() }}

),

-- The patient's own record weighs against so many visits at the clinic's rate: 1 missed of 1 is
-- not 1. The points move that chance by how far the visit is from the clinic's average one, so that
-- over all visits the rule says neither more nor less than what happens.
ruled as (

    select
        coming.appointment_id,
        cast(
            (coming.missed_90d + points.clinic_visits * base.missed_share)
            / (coming.visits_90d + points.clinic_visits)
            + (
                points.new_patient_points
                * (case when coming.is_new_patient then 1 else 0 end - base.new_patient_share)
                + points.slot_points
                * (case when coming.is_early_or_late then 1 else 0 end - base.early_or_late_share)
                + points.monday_points
                * (case when coming.weekday = 1 then 1 else 0 end - base.monday_share)
            ) / 100
            as {{ type_double() }}
        ) as rule_chance,
        points.at_most_points / 100.0 as at_most
    from coming
    cross join points
    cross join base

),

chosen as (

    select
        ruled.appointment_id,
        round(cast(coalesce(
            scores.probability,
            case
                when ruled.rule_chance > ruled.at_most then ruled.at_most
                when ruled.rule_chance < 0 then 0
                else ruled.rule_chance
            end
        ) as decimal(28, 10)), 6) as risk_score,
        case
            when scores.probability is not null then 'model ' || scores.model_version
            when ruled.rule_chance is null then 'Unknown'
            else 'rule'
        end as risk_source,
        scores.risk_bucket as model_bucket,
        scores.reasons as risk_reasons
    from ruled
    left join scores on ruled.appointment_id = scores.entity_id and scores.score_rank = 1

),

final as (

    select
        chosen.appointment_id,
        cast(chosen.risk_score as {{ type_double() }}) as risk_score,
        buckets.risk_bucket,
        coalesce(buckets.is_reason, false) as is_risk_reason,
        chosen.risk_source,
        chosen.risk_reasons
    from chosen
    -- A model's chances are calibrated: high is a multiple of its base rate, not a fixed chance.
    left join buckets
        on
            chosen.model_bucket = buckets.risk_bucket
            or (
                chosen.model_bucket is null
                and chosen.risk_score >= buckets.from_risk
                and (chosen.risk_score < buckets.to_risk or buckets.to_risk is null)
            )

)

select * from final
