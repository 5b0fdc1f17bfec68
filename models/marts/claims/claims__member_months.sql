-- grain: one row per member and month with at least one covered day
{{ claims_member_months('int_claims__coverage_spans', ['member_id']) }}
