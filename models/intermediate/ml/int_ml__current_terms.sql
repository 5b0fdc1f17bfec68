-- grain: one row per model with skill, feature and bin, of its newest fit
with models as (

    select * from {{ ref('int_ml__current_models') }}
    where has_skill and not is_suspect

),

terms as (

    select * from {{ ref('stg_ml__scorecard_terms') }}

),

final as (

    select
        terms.model_name,
        terms.model_version,
        terms.term,
        terms.feature,
        terms.kind,
        terms.lower,
        terms.upper,
        terms.category,
        terms.contribution,
        terms.train_rows,
        models.base_rate,
        models.test_from
    from terms
    inner join models
        on terms.model_name = models.model_name and terms.model_version = models.model_version

)

select * from final
