-- grain: one row per model: its newest card
with cards as (

    select
        *,
        row_number() over (
            partition by model_name order by _load_id desc nulls last, model_version desc nulls last
        ) as card_rank
    from {{ ref('stg_ml__model_cards') }}

),

limits as (

    select * from {{ ref('ml_auc_limits') }}

),

final as (

    select
        cards.*,
        limits.auc_at_most,
        coalesce(cards.has_skill and cards.auc > limits.auc_at_most, false) as is_suspect
    from cards
    left join limits on cards.model_name = limits.model_name
    where cards.card_rank = 1

)

select * from final
