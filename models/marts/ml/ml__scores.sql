-- grain: one row per model version, entity and day it was scored as of
with scores as (

    select * from {{ ref('int_ml__scores') }}

),

final as (

    select
        model_name,
        model_version,
        entity_id,
        as_of,
        probability,
        risk_bucket,
        reasons,
        has_skill
    from scores

)

select * from final
