-- grain: one row per system, payer and month with covered members or claims
{{ claims_cost_per_member('claims__payer_member_months', ['payer']) }}
