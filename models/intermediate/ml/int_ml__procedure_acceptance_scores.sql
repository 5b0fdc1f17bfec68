-- grain: one row per planned procedure that is open or was not known to the fit
{{ scorecard('ml__procedure_acceptance_features') }}
