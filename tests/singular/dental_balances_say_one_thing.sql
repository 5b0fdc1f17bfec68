-- Fails with each month whose receivables by age are not its closing balance, with the last month
-- if it is not the aging of today, and with each type whose patients do not make its balance.
{%- set buckets = ['0_30', '31_60', '61_90', 'over_90'] %}
with months as (

    select * from {{ ref('dental__accounts_receivable_aging_monthly') }}

),

rolled as (

    select * from {{ ref('dental__accounts_receivable_monthly') }}

),

aging as (

    select
        {% for bucket in buckets %}
            sum(balance_{{ bucket }}) as balance_{{ bucket }},
        {% endfor %}
        sum(unapplied_credit) as unapplied_credit
    from {{ ref('dental__accounts_receivable_aging') }}

),

latest as (

    select max(month) as month from months

),

unearned_days as (

    select
        unearned_type_definition_id,
        balance_amount,
        row_number() over (
            partition by unearned_type_definition_id, clinic_id order by day desc nulls last
        ) as day_rank
    from {{ ref('dental__unearned_income') }}

),

unearned as (

    select
        unearned_type_definition_id,
        sum(balance_amount) as balance_amount
    from unearned_days
    where day_rank = 1
    group by unearned_type_definition_id

),

patients as (

    select
        unearned_type_definition_id,
        sum(balance_amount) as balance_amount
    from {{ ref('dental__unearned_by_patient') }}
    group by unearned_type_definition_id

),

compared as (

    select
        'closing balance of ' || cast(rolled.month as {{ dbt.type_string() }}) as what,
        rolled.closing_balance as expected,
        coalesce(
            months.balance_0_30 + months.balance_31_60 + months.balance_61_90
            + months.balance_over_90 - months.unapplied_credit, 0
        ) as found
    from rolled
    left join months on rolled.month = months.month
    {% for name in buckets %}
        union all
        select
            'balance_{{ name }} of the last month' as what,
            aging.balance_{{ name }} as expected,
            months.balance_{{ name }} as found
        from months
        inner join latest on months.month = latest.month
        cross join aging
        where latest.month >= cast(date_trunc('month', {{ as_of() }}) as date)
    {% endfor %}
    union all
    select
        'unearned type ' || cast(
            unearned.unearned_type_definition_id as {{ dbt.type_string() }}
        ) as what,
        unearned.balance_amount as expected,
        coalesce(patients.balance_amount, 0) as found
    from unearned
    left join patients
        on unearned.unearned_type_definition_id = patients.unearned_type_definition_id

)

select * from compared
where expected <> found
