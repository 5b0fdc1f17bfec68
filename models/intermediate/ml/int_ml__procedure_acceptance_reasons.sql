-- grain: one row per open planned procedure with a term that is worth naming
{{ scorecard_reasons('ml__procedure_acceptance_features') }}
