-- grain: one row per completed procedure: when it was paid, and whether it was at the horizon
with postings as (

    select
        *,
        {{ add_days('service_date', var('ml_payment_horizon_days')) }} as horizon_date
    from {{ ref('int_ml__procedure_postings') }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by procedure_id
            order by
                case when posted_date <= horizon_date then 0 else 1 end asc nulls last,
                posted_date desc nulls last
        ) as horizon_rank
    from postings

),

summed as (

    select
        procedure_id,
        patient_id,
        service_date,
        horizon_date,
        min(case when balance_amount <= 0.005 then posted_date end) as paid_date,
        max(case when horizon_rank = 1 then balance_amount end) as horizon_balance_amount
    from ranked
    group by procedure_id, patient_id, service_date, horizon_date

),

final as (

    select
        procedure_id,
        patient_id,
        service_date,
        horizon_date,
        paid_date,
        horizon_balance_amount,
        {{ dbt.datediff('service_date', 'paid_date', 'day') }} as days_to_paid,
        case
            when horizon_date <= {{ as_of() }} then horizon_balance_amount <= 0.005
        end as is_fully_paid,
        case
            when paid_date <= {{ add_days('service_date', 30) }} then true
            when {{ add_days('service_date', 30) }} <= {{ as_of() }} then false
        end as is_paid_30d,
        {{ add_days('service_date', 30) }} <= {{ as_of() }} as is_30d_over
    from summed

)

select * from final
