-- grain: one row per system and month with covered members or claims
{{ claims_cost_per_member('claims__member_months', []) }}
