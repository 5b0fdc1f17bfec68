{#- The tables whose money stands in facts, and the column that holds it. -#}
with summed as (

    {% for table, amount in [
        ('procedurelog', 'procfee'), ('claimproc', 'inspayamt'), ('paysplit', 'splitamt'),
        ('adjustment', 'adjamt'),
    ] %}
        select
            '{{ table }}' as object,
            '{{ amount }}' as amount_column,
            count(*) as row_count,
            sum({{ dental_amount(amount) }}) as amount,
            sum(case when _deleted_at is not null then {{ dental_amount(amount) }} end)
                as deleted_amount
        from {{ source('raw_opendental', table) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        object,
        amount_column,
        cast(row_count as bigint) as row_count,
        cast(coalesce(amount, 0) as decimal(18, 2)) as amount,
        cast(coalesce(deleted_amount, 0) as decimal(18, 2)) as deleted_amount
    from summed

)

select * from final
