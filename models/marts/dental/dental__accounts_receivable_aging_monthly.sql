-- grain: one row per month in which an account moved: what was owed at its end, by age
{%- set buckets = ['0_30', '31_60', '61_90', 'over_90'] %}
with days as (

    select
        guarantor_id,
        transaction_date as day,
        cast(
            date_trunc('month', coalesce(transaction_date, cast('1900-01-01' as date))) as date
        ) as month,
        sum(case when is_aged_as_charge then amount else 0 end) as charged,
        -sum(case when is_aged_as_charge then 0 else amount end) as credit
    from {{ ref('dental__fact_ledger') }}
    where
        is_on_account
        and amount <> 0
        and (transaction_date is null or transaction_date <= {{ as_of() }})
    group by guarantor_id, transaction_date

),

months as (

    select
        month,
        least({{ period_end('month', 'month') }}, {{ as_of() }}) as last_day
    from days
    group by month

),

family_months as (

    select
        guarantor_id,
        month,
        sum(charged) as charged,
        sum(credit) as credit
    from days
    group by guarantor_id, month

),

families as (

    select
        guarantor_id,
        min(month) as first_month
    from days
    group by guarantor_id

),

-- A charge is younger than 91 days at four month ends at most, so older ones are never looked at
-- one by one: they are what was charged in all, less these.
young as (

    select
        days.guarantor_id,
        months.month,
        sum(case
            when days.day >= {{ add_days('months.last_day', -30) }} then days.charged else 0
        end) as charged_0_30,
        sum(case
            when days.day >= {{ add_days('months.last_day', -30) }} then 0
            when days.day >= {{ add_days('months.last_day', -60) }} then days.charged
            else 0
        end) as charged_31_60,
        sum(case
            when days.day >= {{ add_days('months.last_day', -60) }} then 0
            else days.charged
        end) as charged_61_90
    from days
    cross join ({{ number_series(4) }}) as turns
    inner join months
        on
            months.month = case turns.number
                {% for turn in range(1, 5) %}
                    when {{ turn }}
                        then cast(days.month + interval '{{ turn - 1 }} months' as date)
                {% endfor %}
            end
            and days.day >= {{ add_days('months.last_day', -90) }}
    where days.charged <> 0
    group by days.guarantor_id, months.month

),

totals as (

    select
        families.guarantor_id,
        months.month,
        sum(coalesce(family_months.charged, 0)) over (
            partition by families.guarantor_id order by months.month asc nulls last
            rows between unbounded preceding and current row
        ) as charged,
        sum(coalesce(family_months.credit, 0)) over (
            partition by families.guarantor_id order by months.month asc nulls last
            rows between unbounded preceding and current row
        ) as credit
    from families
    inner join months on families.first_month <= months.month
    left join family_months
        on
            families.guarantor_id = family_months.guarantor_id
            and months.month = family_months.month

),

aged as (

    select
        totals.guarantor_id,
        totals.month,
        totals.credit,
        coalesce(young.charged_0_30, 0) as charged_0_30,
        coalesce(young.charged_31_60, 0) as charged_31_60,
        coalesce(young.charged_61_90, 0) as charged_61_90,
        totals.charged - coalesce(
            young.charged_0_30 + young.charged_31_60 + young.charged_61_90, 0
        ) as charged_over_90
    from totals
    left join young
        on totals.guarantor_id = young.guarantor_id and totals.month = young.month

),

paid as (

    select
        month,
        {{ oldest_first() }}
    from aged

),

final as (

    select
        month,
        {{ is_over('month', 'month') }} as is_complete,
        {% for bucket in buckets %}
            cast(sum(balance_{{ bucket }}) as decimal(18, 2)) as balance_{{ bucket }},
        {% endfor %}
        cast(sum(unapplied_credit) as decimal(18, 2)) as unapplied_credit,
        cast(sum(
            balance_0_30 + balance_31_60 + balance_61_90 + balance_over_90 - unapplied_credit
        ) as decimal(18, 2)) as balance_amount
    from paid
    group by month

)

select * from final
