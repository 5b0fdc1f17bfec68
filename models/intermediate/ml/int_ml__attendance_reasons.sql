-- grain: one row per open dental appointment with a term that is worth naming
{{ scorecard_reasons('ml__attendance_features') }}
