-- Fails with each day up to the as-of day on which income and the payments of the day sheet part. A
-- split that stands on another day than its payment, or has none, is moved to its own day first.
with day_sheet as (

    select * from {{ ref('dental__payment_day_sheet') }}

),

payment_splits as (

    select * from {{ ref('dental__fact_payment_splits') }}

),

income as (

    select * from {{ ref('dental__production_income_daily') }}

),

parts as (

    select
        day,
        'insurance' as paid_by,
        insurance_income_status_1_4 as income_amount,
        0 as payment_amount
    from income
    union all
    select
        day,
        'patient' as paid_by,
        patient_income + unearned_income as income_amount,
        0 as payment_amount
    from income
    union all
    select
        day,
        paid_by,
        0 as income_amount,
        amount - hidden_amount as payment_amount
    from day_sheet
    union all
    select
        payment_date as day,
        'patient' as paid_by,
        0 as income_amount,
        case when is_discount then 0 else split_amount end as payment_amount
    from payment_splits
    where
        not is_hidden
        and (is_without_payment or is_discount or payment_date is distinct from payment_posted_date)
    union all
    select
        payment_posted_date as day,
        'patient' as paid_by,
        0 as income_amount,
        -split_amount as payment_amount
    from payment_splits
    where
        not is_hidden
        and not is_without_payment
        and (is_discount or payment_date is distinct from payment_posted_date)

)

select
    day,
    paid_by,
    sum(income_amount) as income_amount,
    sum(payment_amount) as payment_amount
from parts
where day is not null and day <= {{ as_of() }}
group by day, paid_by
having sum(income_amount) <> sum(payment_amount)
