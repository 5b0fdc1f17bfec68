-- grain: one row per appointment, with what was known of it when it was booked
{{ appointment_features('booking') }}
