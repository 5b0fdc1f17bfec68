-- grain: one row per dental model with skill and entity
{{ told_scores(model_names('dental')) }}
