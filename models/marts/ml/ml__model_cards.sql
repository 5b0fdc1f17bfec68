-- grain: one row per model version
with cards as (

    select * from {{ ref('stg_ml__model_cards') }}

),

final as (

    select
        model_name,
        model_version,
        has_skill,
        card,
        _extracted_at as fitted_at
    from cards

)

select * from final
