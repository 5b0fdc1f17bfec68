-- grain: one row per open patient and day of treatment with a term that is worth naming
{{ scorecard_reasons('ml__future_need_features') }}
