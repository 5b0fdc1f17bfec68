-- grain: one row per booked visit to come: its risk, from a model with skill or from the rule
with coming as (

    select * from {{ ref('int_clinic__coming_visits') }}

),

points as (

    select
        max(case when factor = 'no_show_rate_90d' then points end) as rate_points,
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
    from {{ ref('int_ml__scores') }}
    where
        model_name = '{{ var("clinic_risk_model") }}'
        and as_of <= {{ clinic_as_of() }}

),

ruled as (

    select
        coming.appointment_id,
        (
            cast(coalesce(coming.no_show_rate_90d, 0) as {{ type_double() }}) * points.rate_points
            + case when coming.is_new_patient then points.new_patient_points else 0 end
            + case when coming.is_early_or_late then points.slot_points else 0 end
            + case when coming.weekday = 1 then points.monday_points else 0 end
        ) as rule_points,
        points.at_most_points
    from coming
    cross join points

),

chosen as (

    select
        ruled.appointment_id,
        round(coalesce(
            scores.probability,
            case
                when ruled.rule_points > ruled.at_most_points then ruled.at_most_points
                else ruled.rule_points
            end / 100.0
        ), 6) as risk_score,
        case
            when scores.probability is null then 'rule'
            else 'model ' || scores.model_version
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
        buckets.is_reason as is_risk_reason,
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
