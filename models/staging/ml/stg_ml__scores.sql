with source as (

    select * from {{ source('raw_ml', 'scores') }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by model_name, model_version, entity_id, as_of
            order by _load_id desc nulls last, _extracted_at desc nulls last
        ) as copy_rank
    from source

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
        _load_id,
        _extracted_at
    from ranked
    where copy_rank = 1

)

select * from final
