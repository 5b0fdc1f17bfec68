-- grain: one row per appointment, with what was known of it on the evening before
{{ appointment_features('evening before') }}
