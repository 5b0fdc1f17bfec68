-- grain: one row per completed procedure that is open or was not known to the fit
{{ scorecard('ml__payment_compliance_features') }}
