"""The models, as their cards tell them."""

from carehouse.apps.dashboard.question import Chart, Filter, Page, Question

MODEL = Filter(
    "model",
    "Model",
    "select model_name, replace(model_name, '_', ' ') from ml.model_cards "
    "where is_current order by 1",
    "model_name = {value}",
    "ml.model_cards",
)

MODELS = Page(
    path="models",
    title="Models",
    domain="ml",
    mart="ml.model_cards",
    empty="No model has been trained yet: `carehouse train` fits them on what has been published. "
    "Until then the lists follow their rules.",
    filters=(MODEL,),
    questions=(
        Question(
            "Which models may be used?",
            ("ml.model_cards",),
            """
            select
                model_name, model_version,
                case when has_skill then 'skill' else 'no skill: it scores nothing' end as verdict,
                verdict as why, test_rows, base_rate, auc, auc_low, auc_high, auc_rule, is_stale
            from ml.model_cards
            where is_current and {model}
            order by model_name
            """,
            todo="An AUC of 0.5 is a coin; the interval must lie above it, and above the rule's.",
        ),
        Question(
            "How well does each tell those who will from those who will not?",
            ("ml.model_cards",),
            """
            select model_name as model, measure, area
            from (
                select model_name, auc_low as lower_bound, auc, auc_rule as rule_alone
                from ml.model_cards where is_current and {model}
            ) unpivot (area for measure in (lower_bound, auc, rule_alone))
            order by model, measure
            """,
            Chart(
                "point",
                "model",
                "area",
                "model",
                "area under the curve (0.5 is a coin)",
                "measure",
                shows=".2f",
            ),
        ),
        Question(
            "Are the probabilities right?",
            ("ml.model_cards",),
            """
            select
                model_name, calibration_slope, calibration_slope_low, calibration_slope_high,
                calibration_intercept, brier, brier_skill, top_fifth_lift, largest_drift, fitted_at
            from ml.model_cards
            where is_current and {model}
            order by model_name
            """,
            todo="A slope of 1 and an intercept of 0 are perfect; an interval of the slope that is "
            "outside 0.9 to 1.1 says that the chances are off. Drift is how much inputs have moved "
            "since it was fitted.",
        ),
        Question(
            "Of those given a chance, how many did it?",
            ("ml.model_cards",),
            """
            select point.predicted as predicted, point.observed as observed, point.rows as rows,
                model_name
            from (
                select
                    model_name,
                    unnest(from_json(
                        card -> 'calibration_curve',
                        '[{{"rows": "bigint", "predicted": "double", "observed": "double"}}]'
                    )) as point
                from ml.model_cards
                where is_current and {model}
            )
            order by model_name, predicted
            """,
            Chart(
                "line",
                "predicted",
                "observed",
                "chance given",
                "share that did",
                "model_name",
                shows=".0%",
                x_shows=".0%",
            ),
            none="No model was tried on enough rows.",
            todo="On rows that the model had not seen, in tenths. Right is the diagonal.",
        ),
        Question(
            "What do its largest inputs do?",
            ("ml.scorecard_terms",),
            """
            select
                replace(model_name || ': ' || feature, '_', ' ') as input, term_label as value,
                contribution, train_rows, feature_description as meaning
            from ml.scorecard_terms
            where feature_rank <= 6 and train_rows > 0 and {model}
            order by model_name, feature_rank, term_number
            """,
            Chart(
                "facets",
                "value",
                "contribution",
                "the input's value",
                "added to the log odds",
                "input",
                shows="+.1f",
            ),
            none="No model has skill on these data.",
            todo="Above zero: the outcome is more likely than on average; below: less. The six "
            "inputs of each model that move it most.",
        ),
        Question(
            "Which inputs have moved since it was fitted?",
            ("ml.model_cards",),
            """
            select model_name, moved.feature as feature, moved.index as population_stability_index
            from (
                select
                    model_name,
                    unnest(from_json(
                        card -> 'drift', '[{{"feature": "varchar", "index": "double"}}]'
                    )) as moved
                from ml.model_cards
                where is_current and {model}
            )
            order by population_stability_index desc, model_name, feature
            """,
            none="None is known.",
            todo="Above 0.25 the input is another one than it was.",
        ),
        Question(
            "How many are scored, by how likely?",
            ("ml.scores",),
            """
            select model_name || ': ' || risk_bucket as bucket, count(*) as scored
            from ml.scores
            where {model}
            group by 1
            order by 1
            """,
            Chart("bar", "bucket", "scored", "", "scored now"),
            none="No model has skill on these data: nothing is scored, lists follow their rules.",
        ),
    ),
)
