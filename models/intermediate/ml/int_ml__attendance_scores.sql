-- grain: one row per dental appointment that is open or was not known to the fit
{{ scorecard('ml__attendance_features') }}
