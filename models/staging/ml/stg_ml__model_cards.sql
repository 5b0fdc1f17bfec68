with source as (

    select * from {{ source('raw_ml', 'model_cards') }}

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
        source.has_skill,
        source.verdict,
        source.train_rows,
        source.calibrate_rows,
        source.test_rows,
        source.train_from,
        source.calibrate_from,
        source.test_from,
        source.test_until,
        source.base_rate,
        source.auc,
        source.auc_low,
        source.auc_high,
        source.average_precision,
        source.brier,
        source.brier_skill,
        source.calibration_slope,
        source.calibration_slope_low,
        source.calibration_slope_high,
        source.calibration_intercept,
        source.top_fifth_lift,
        source.precision_at_capacity,
        source.recall_at_capacity,
        source.auc_rule,
        source.auc_logistic,
        source.largest_drift,
        source.card,
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
