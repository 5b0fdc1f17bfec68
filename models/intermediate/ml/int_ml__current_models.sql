-- grain: one row per model: its newest card
with cards as (

    select
        *,
        row_number() over (
            partition by model_name order by _load_id desc nulls last, model_version desc nulls last
        ) as card_rank
    from {{ ref('stg_ml__model_cards') }}

),

final as (

    select * from cards
    where card_rank = 1

)

select * from final
