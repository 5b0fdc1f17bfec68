-- grain: one row per appointment that is open or was not known to the fit, where the model has skill
{{ scorecard('ml__appointment_booking_features') }}
