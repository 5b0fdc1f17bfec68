-- grain: one row per month up to the as-of day in which an account moved
with ledger as (

    select * from {{ ref('dental__fact_ledger') }}
    where
        is_on_account
        and amount <> 0
        and (transaction_date is null or transaction_date <= {{ as_of() }})

),

months as (

    select
        cast(
            date_trunc('month', coalesce(transaction_date, cast('1900-01-01' as date))) as date
        ) as month,
        sum(case when transaction_kind = 'charge' then amount else 0 end) as charges,
        sum(case when transaction_kind = 'adjustment' then amount else 0 end) as adjustments,
        sum(case when transaction_kind = 'capitation_write_off' then amount else 0 end)
            as capitation_write_offs,
        sum(case when transaction_kind = 'write_off' then amount else 0 end) as write_offs,
        sum(case when transaction_kind = 'insurance_payment' then amount else 0 end)
            as insurance_payments,
        sum(case when transaction_kind = 'patient_payment' then amount else 0 end)
            as patient_payments,
        sum(case when transaction_kind like 'payment_plan%' then amount else 0 end)
            as payment_plan_moves,
        sum(amount) as change
    from ledger
    group by date_trunc('month', coalesce(transaction_date, cast('1900-01-01' as date)))

),

closed as (

    select
        *,
        sum(change) over (
            order by month nulls first rows between unbounded preceding and current row
        ) as closing_balance
    from months

),

-- What is without a day (1900-01) is in no span of months.
beginning as (

    select min(month) as month from months
    where month > cast('1900-01-01' as date)

),

last_three as (

    select
        closed.month,
        min(beginning.month) <= cast(closed.month - interval '2 months' as date)
            as has_three_months,
        sum(
            charged.charges + charged.adjustments + charged.capitation_write_offs
            + charged.write_offs
        ) as net_charges
    from closed
    inner join months as charged
        on
            closed.month >= charged.month
            and cast(closed.month - interval '3 months' as date) < charged.month
    cross join beginning
    where {{ is_over('closed.month', 'month') }} and closed.month > cast('1900-01-01' as date)
    group by closed.month

),

final as (

    select
        closed.month,
        {{ is_over('closed.month', 'month') }} as is_complete,
        cast(closing_balance - change as decimal(18, 2)) as opening_balance,
        cast(charges as decimal(18, 2)) as charges,
        cast(adjustments as decimal(18, 2)) as adjustments,
        cast(capitation_write_offs as decimal(18, 2)) as capitation_write_offs,
        cast(write_offs as decimal(18, 2)) as write_offs,
        cast(insurance_payments as decimal(18, 2)) as insurance_payments,
        cast(patient_payments as decimal(18, 2)) as patient_payments,
        cast(payment_plan_moves as decimal(18, 2)) as payment_plan_moves,
        cast(closing_balance as decimal(18, 2)) as closing_balance,
        cast(last_three.net_charges as decimal(18, 2)) as net_charges_3_months,
        case
            when last_three.net_charges > 0
                then cast({{ dbt.datediff(
                    "cast(closed.month - interval '2 months' as date)",
                    "cast(closed.month + interval '1 month' as date)", 'day'
                ) }} as bigint)
        end as days_3_months,
        case
            when last_three.net_charges > 0
                then cast({{ per_unit(
                    'closing_balance * ' ~ dbt.datediff(
                        "cast(closed.month - interval '2 months' as date)",
                        "cast(closed.month + interval '1 month' as date)", 'day'
                    ), 'last_three.net_charges'
                ) }} as decimal(18, 2))
        end as days_in_receivables
    from closed
    left join last_three
        on
            closed.month = last_three.month
            and last_three.has_three_months

)

select * from final
