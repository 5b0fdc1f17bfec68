-- Fails with each code that SQL names and its seed lacks.
{%- set named = [
    ('claim_statuses', 'status', [
        'PAID', 'DENIED', 'PENDING', 'REJECTED', 'UNMAPPED', 'NOT_STATED', 'VOID',
    ]),
    ('claim_review_rules', 'rule_code', [
        'exact_duplicate', 'near_duplicate', 'shared_claim_id', 'paid_over_claimed',
        'denied_but_paid', 'adjudicated_before_claim', 'unknown_member', 'unknown_provider',
        'outside_coverage', 'amount_outlier', 'impossible_day', 'round_amounts',
        'threshold_bunching', 'pending_but_paid', 'payer_not_of_coverage',
    ]),
] %}
with counted as (

    {% for seed, code_column, codes in named %}
        {% set last_seed = loop.last %}
        {% for code in codes %}
            select
                '{{ seed }}' as seed_name,
                '{{ code }}' as code,
                count(*) as found_count
            from {{ ref(seed) }}
            where {{ code_column }} = '{{ code }}'
            {{ 'union all' if not (last_seed and loop.last) }}
        {% endfor %}
    {% endfor %}
)

select * from counted
where found_count <> 1
