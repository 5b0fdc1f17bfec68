-- grain: one row per table with money in facts: amounts that the as-of day does not know yet
{#- table of the source, staged model, its amount, and the days of which one must have come -#}
{%- set tables = [
    ('procedurelog', 'stg_opendental__procedures', 'unit_fee_amount', is_known([
        'created_at', 'treatment_planned_date', 'procedure_date', 'entry_date'
    ])),
    ('claimproc', 'stg_opendental__claim_procedures', 'insurance_paid_amount',
        is_known(['created_date', 'service_date']) ~ ' and '
        ~ is_known(['entry_date', 'payment_date'])),
    ('paysplit', 'stg_opendental__payment_splits', 'split_amount',
        is_known(['entry_date', 'payment_date'])),
    ('adjustment', 'stg_opendental__adjustments', 'adjustment_amount',
        is_known(['entry_date', 'adjustment_date'])),
] %}
with summed as (

    {% for table, model, amount, known in tables %}
        select
            '{{ table }}' as object,
            sum(case when not ({{ known }}) then {{ amount }} end) as amount
        from {{ ref(model) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        object,
        cast(coalesce(amount, 0) as decimal(18, 2)) as amount
    from summed

)

select * from final
