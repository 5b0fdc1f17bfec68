-- Fails with each month in which the facts and the receivables part, and with the end if it does
-- not meet the families' balances.
with settings as (

    select * from {{ ref('int_dental__settings') }}

),

patients as (

    select * from {{ ref('stg_opendental__patients') }}

),

moves as (

    select
        patient_id,
        procedure_date as day,
        line_fee_amount as amount
    from {{ ref('dental__fact_procedures') }}
    where is_completed
    union all
    select
        patient_id,
        adjustment_date as day,
        adjustment_amount as amount
    from {{ ref('dental__fact_adjustments') }}
    union all
    select
        patient_id,
        payment_date as day,
        -write_off_amount
        - case when payment_plan_id is null then insurance_paid_amount else 0 end as amount
    from {{ ref('dental__fact_claim_procedures') }}
    where is_on_account
    union all
    select
        payment_splits.patient_id,
        payment_splits.payment_date as day,
        -payment_splits.split_amount as amount
    from {{ ref('dental__fact_payment_splits') }} as payment_splits
    cross join settings
    where
        not payment_splits.is_hidden
        and (
            settings.payment_plan_version in (2, 4) or payment_splits.payment_plan_id is null
        )
    union all
    select
        patient_id,
        transaction_date as day,
        amount
    from {{ ref('int_dental__payment_plan_transactions') }}
    where is_on_account

),

expected as (

    select
        cast(
            date_trunc('month', coalesce(moves.day, cast('1900-01-01' as date))) as date
        ) as month,
        sum(moves.amount) as change
    from moves
    inner join patients on moves.patient_id = patients.patient_id
    where moves.day is null or moves.day <= {{ as_of() }}
    group by date_trunc('month', coalesce(moves.day, cast('1900-01-01' as date)))

),

months as (

    select * from {{ ref('dental__accounts_receivable_monthly') }}

),

latest as (

    select max(month) as month from months

),

ends as (

    select months.closing_balance as closing
    from months
    inner join latest on months.month = latest.month

),

families as (

    select
        sum(
            balance_0_30 + balance_31_60 + balance_61_90 + balance_over_90 - unapplied_credit
        ) as balance
    from {{ ref('dental__accounts_receivable_aging') }}

)

select
    coalesce(expected.month, months.month) as month,
    expected.change as expected_amount,
    months.closing_balance - months.opening_balance as found_amount
from expected
full outer join months on expected.month = months.month
where
    coalesce(expected.change, 0)
    <> coalesce(months.closing_balance - months.opening_balance, 0)
union all
select
    cast(null as date) as month,
    families.balance as expected_amount,
    ends.closing as found_amount
from families
cross join ends
where coalesce(families.balance, 0) <> coalesce(ends.closing, 0)
