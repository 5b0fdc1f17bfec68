with source as (

    select * from {{ source('raw_ml', 'scorecard_terms') }}

),

newest as (

    select
        model_name,
        model_version,
        max(_load_id) as _load_id
    from source
    group by model_name, model_version

),

final as (

    select
        source.model_name,
        source.model_version,
        source.term,
        source.feature,
        source.kind,
        source.lower,
        source.upper,
        source.category,
        source.contribution,
        source.train_rows,
        source._load_id,
        source._extracted_at
    from source
    inner join newest
        on
            source.model_name = newest.model_name
            and source.model_version = newest.model_version
            and source._load_id = newest._load_id

)

select * from final
