-- grain: one row per clinic model with skill and entity
{{ told_scores(model_names('clinic')) }}
