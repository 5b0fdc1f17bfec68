-- grain: one row per appointment that is open or was not known to the fit
{{ scorecard('ml__appointment_risk_features') }}
