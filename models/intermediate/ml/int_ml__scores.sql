-- grain: one row per model version, entity and day it was scored as of, with whether it has skill
with scores as (

    select * from {{ ref('stg_ml__scores') }}

),

cards as (

    select * from {{ ref('stg_ml__model_cards') }}

),

final as (

    select
        scores.model_name,
        scores.model_version,
        scores.entity_id,
        scores.as_of,
        scores.probability,
        scores.risk_bucket,
        scores.reasons,
        coalesce(cards.has_skill, false) as has_skill
    from scores
    left join cards
        on
            scores.model_name = cards.model_name
            and scores.model_version = cards.model_version

)

select * from final
