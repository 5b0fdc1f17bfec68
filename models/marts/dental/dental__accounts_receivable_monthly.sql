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

final as (

    select
        month,
        cast(closing_balance - change as decimal(18, 2)) as opening_balance,
        cast(charges as decimal(18, 2)) as charges,
        cast(adjustments as decimal(18, 2)) as adjustments,
        cast(capitation_write_offs as decimal(18, 2)) as capitation_write_offs,
        cast(write_offs as decimal(18, 2)) as write_offs,
        cast(insurance_payments as decimal(18, 2)) as insurance_payments,
        cast(patient_payments as decimal(18, 2)) as patient_payments,
        cast(payment_plan_moves as decimal(18, 2)) as payment_plan_moves,
        cast(closing_balance as decimal(18, 2)) as closing_balance
    from closed

)

select * from final
