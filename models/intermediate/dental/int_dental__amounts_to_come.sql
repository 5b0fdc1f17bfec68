-- grain: one row per table with money in facts: amounts that the as-of day does not know yet
{#- table of the source, staged model, its amount, and whether that was known -#}
{%- set tables = [
    ('procedurelog', 'stg_opendental__procedures', 'unit_fee_amount', dental_is_known('procedure')),
    ('claimproc', 'stg_opendental__claim_procedures', 'insurance_paid_amount',
        dental_is_known('claim_procedure') ~ ' and ' ~ dental_is_known('insurance_payment')),
    ('paysplit', 'stg_opendental__payment_splits', 'split_amount',
        dental_is_known('patient_payment')),
    ('adjustment', 'stg_opendental__adjustments', 'adjustment_amount',
        dental_is_known('adjustment')),
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
