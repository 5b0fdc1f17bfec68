-- grain: one row per model with skill and entity
with scores as (

    select * from {{ ref('int_ml__clinic_scores') }}
    union all
    select * from {{ ref('int_ml__dental_scores') }}

),

final as (

    select
        model_name,
        model_version,
        entity_id,
        as_of,
        known_at,
        probability,
        risk_bucket,
        reasons
    from scores

)

select * from final
