-- grain: one row per member, payer and month with at least one day covered by that payer
{{ claims_member_months('int_claims__payer_spans', ['member_id', 'payer']) }}
