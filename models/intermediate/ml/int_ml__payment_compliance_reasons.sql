-- grain: one row per open completed procedure with a term that is worth naming
{{ scorecard_reasons('ml__payment_compliance_features') }}
