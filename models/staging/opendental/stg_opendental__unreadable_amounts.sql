{#- Every table whose staging model reads amounts: its key, and those columns. -#}
{%- set tables = [
    ('adjustment', 'adjnum', ['adjamt']),
    ('benefit', 'benefitnum', ['monetaryamt']),
    ('claimpayment', 'claimpaymentnum', ['checkamt']),
    ('claimproc', 'claimprocnum', ['feebilled', 'inspayest', 'inspayamt', 'writeoff',
        'dedapplied', 'baseest', 'insesttotal', 'insesttotaloverride', 'writeoffest',
        'writeoffestoverride', 'allowedoverride', 'copayamt', 'dedest']),
    ('claimsnapshot', 'claimsnapshotnum', ['fee', 'inspayest', 'writeoff']),
    ('claim', 'claimnum', ['claimfee', 'inspayest', 'inspayamt', 'dedapplied', 'writeoff']),
    ('discountplan', 'discountplannum', ['annualmax']),
    ('fee', 'feenum', ['amount']),
    ('patient', 'patnum', ['estbalance', 'bal_0_30', 'bal_31_60', 'bal_61_90', 'balover90',
        'baltotal', 'insest', 'payplandue']),
    ('payplancharge', 'payplanchargenum', ['principal', 'interest']),
    ('payplanlink', 'payplanlinknum', ['amountoverride']),
    ('payplan', 'payplannum', ['completedamt', 'apr', 'payamt', 'downpayment']),
    ('paysplit', 'splitnum', ['splitamt']),
    ('payment', 'paynum', ['payamt', 'merchantfee']),
    ('procedurelog', 'procnum', ['procfee', 'discount', 'discountplanamt', 'taxamt']),
    ('provider', 'provnum', ['hourlyprodgoalamt']),
    ('recall', 'recallnum', ['disableuntilbalance']),
    ('statement', 'statementnum', ['baltotal', 'insest']),
    ('proctp', 'proctpnum', ['feeamt', 'priinsamt', 'secinsamt', 'patamt', 'discount',
        'feeallowed']),
] -%}
with judged as (

    {% for table, key, columns in tables %}
        {% for column in columns %}
            select
                '{{ table }}' as source_table,
                '{{ column }}' as column_name,
                {{ key }} as source_id
            from {{ source('raw_opendental', table) }}
            where
                _deleted_at is null
                and {{ column }} is not null
                and {{ try_to(column, 'decimal(12, 2)') }} is null
            {{ 'union all' if not loop.last }}
        {% endfor %}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select * from judged

)

select * from final
