{#- The scores of the models with skill, with bucket and reasons. Clinic and dental models are told apart,
    so that a practice whose build failed leaves the clinic's call list as fresh as its own data. -#}
{% macro told_scores(models) -%}
with scores as (
    {% for model in models %}
        select * from {{ ref('int_ml__' ~ model ~ '_scores') }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

reasons as (
    {% for model in models %}
        select
            '{{ model }}' as model_name,
            entity_id,
            reasons
        from {{ ref('int_ml__' ~ model ~ '_reasons') }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

buckets as (

    select
        risk_bucket,
        from_times_base_rate,
        lead(from_times_base_rate) over (order by from_times_base_rate nulls last)
            as to_times_base_rate
    from {{ ref('ml_risk_buckets') }}

),

final as (

    select
        scores.model_name,
        scores.model_version,
        scores.entity_id,
        cast(scores.known_at - interval '1 second' as date) as as_of,
        scores.known_at,
        scores.probability,
        buckets.risk_bucket,
        reasons.reasons
    from scores
    inner join buckets
        on
            scores.probability >= buckets.from_times_base_rate * scores.base_rate
            and (
                scores.probability < buckets.to_times_base_rate * scores.base_rate
                or buckets.to_times_base_rate is null
            )
    left join reasons
        on scores.model_name = reasons.model_name and scores.entity_id = reasons.entity_id

)

select * from final
{%- endmacro %}
