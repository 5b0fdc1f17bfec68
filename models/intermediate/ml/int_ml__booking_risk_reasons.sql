-- grain: one row per open appointment with a term that is worth naming
{{ scorecard_reasons('ml__appointment_booking_features') }}
