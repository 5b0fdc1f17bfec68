-- Fails with a row where the payments that were kept and the days' collections differ by a cent.
with kept as (

    select coalesce(sum(amount), 0) as amount
    from {{ ref('int_clinic__payment_checks') }}
    where rejection_reason is null

),

by_payment_day as (

    select coalesce(sum(revenue_paid_by_payment_day), 0) as amount
    from {{ ref('clinic__daily_kpis') }}

),

by_appointment_day as (

    select coalesce(sum(revenue_paid), 0) as amount
    from {{ ref('clinic__daily_kpis') }}

),

without_appointment as (

    select coalesce(sum(amount), 0) as amount
    from {{ ref('clinic__fact_payments') }}
    where appointment_date is null

)

select
    kept.amount as kept_amount,
    by_payment_day.amount as by_payment_day_amount,
    by_appointment_day.amount + without_appointment.amount as by_appointment_day_amount
from kept
cross join by_payment_day
cross join by_appointment_day
cross join without_appointment
where
    kept.amount <> by_payment_day.amount
    or kept.amount <> by_appointment_day.amount + without_appointment.amount
