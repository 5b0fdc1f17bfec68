-- grain: one row per patient and day of treatment that is open or was not known to the fit
{{ scorecard('ml__future_need_features') }}
