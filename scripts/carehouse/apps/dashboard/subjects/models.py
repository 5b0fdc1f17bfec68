"""The models, as their cards tell them."""

from carehouse.apps.dashboard.question import Chart, Page, Question

MODELS = Page(
    path="models",
    title="Models",
    domain="ml",
    mart="ml.model_cards",
    empty="No model has been trained yet: `carehouse train` fits them on what has been published. "
    "Until then the lists follow their rules.",
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
            where is_current
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
                from ml.model_cards where is_current
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
                model_name, calibration_slope, calibration_intercept, brier, brier_skill,
                top_fifth_lift, largest_drift, fitted_at
            from ml.model_cards
            where is_current
            order by model_name
            """,
            todo="A slope of 1 and an intercept of 0 are perfect; drift is how much inputs have "
            "moved since it was fitted.",
        ),
        Question(
            "How many are scored, by how likely?",
            ("ml.scores",),
            """
            select model_name || ': ' || risk_bucket as bucket, count(*) as scored
            from ml.scores
            group by 1
            order by 1
            """,
            Chart("bar", "bucket", "scored", "", "scored now"),
            none="No model has skill on these data: nothing is scored, lists follow their rules.",
        ),
    ),
)
