-- grain: one row per model version
with cards as (

    select * from {{ ref('stg_ml__model_cards') }}

),

current_models as (

    select * from {{ ref('int_ml__current_models') }}

),

final as (

    select
        cards.model_name,
        cards.model_version,
        cards.has_skill and not coalesce(current_models.is_suspect, false) as has_skill,
        cards.verdict,
        cards.train_rows,
        cards.calibrate_rows,
        cards.test_rows,
        cards.train_from,
        cards.calibrate_from,
        cards.test_from,
        cards.test_until,
        cast(round(cards.base_rate * cards.test_rows) as bigint) as test_cases,
        {{ rate_columns(
            'base_rate', 'round(cards.base_rate * cards.test_rows)', 'cards.test_rows'
        ) }},
        {{ is_small_sample('cards.test_rows') }} as is_small_sample,
        cards.auc,
        cards.auc_low,
        cards.auc_high,
        cards.average_precision,
        cards.brier,
        cards.brier_skill,
        cards.calibration_slope,
        cards.calibration_slope_low,
        cards.calibration_slope_high,
        cards.calibration_intercept,
        cards.top_fifth_lift,
        cards.precision_at_capacity,
        cards.recall_at_capacity,
        cards.auc_rule,
        cards.auc_logistic,
        cards.largest_drift,
        cards.card,
        cards._extracted_at as fitted_at,
        current_models.model_name is not null as is_current,
        coalesce(current_models.is_suspect, false) as is_suspect,
        current_models.model_name is not null
        and cards.test_until
        < cast({{ add_days(as_of(), -(var('ml_stale_days') | int)) }} as timestamp)
            as is_stale
    from cards
    left join current_models
        on
            cards.model_name = current_models.model_name
            and cards.model_version = current_models.model_version

)

select * from final
