{#- table of the source, fact, its column -#}
{%- set facts = [
    ('procedurelog', 'dental__fact_procedures', 'unit_fee_amount'),
    ('claimproc', 'dental__fact_claim_procedures', 'insurance_paid_amount'),
    ('paysplit', 'dental__fact_payment_splits', 'split_amount'),
    ('adjustment', 'dental__fact_adjustments', 'adjustment_amount'),
] -%}
-- grain: one row per OpenDental table whose money stands in a fact
with mirrored as (

    select * from {{ ref('stg_opendental__table_amounts') }}

),

kept as (

    {% for table, fact, amount in facts %}
        select
            '{{ table }}' as object,
            sum({{ amount }}) as kept_amount,
            count(*) as kept_count
        from {{ ref(fact) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        mirrored.object,
        mirrored.amount_column,
        mirrored.amount as read_amount,
        coalesce(kept.kept_amount, 0) as kept_amount,
        mirrored.deleted_amount as set_aside_amount,
        kept.kept_count
    from mirrored
    inner join kept on mirrored.object = kept.object

)

select * from final
