-- grain: one row per unearned type, clinic and day that has a prepayment or uses one
with payment_splits as (

    select * from {{ ref('dental__fact_payment_splits') }}
    where is_unearned and coalesce(payment_date <= {{ as_of() }}, true)

),

days as (

    select
        unearned_type_definition_id,
        unearned_type_name,
        is_hidden,
        coalesce(clinic_id, 0) as clinic_id,
        payment_date as day,
        sum(case when split_amount > 0 then split_amount else 0 end) as received_amount,
        -sum(case when split_amount < 0 then split_amount else 0 end) as used_amount,
        sum(split_amount) as change_amount
    from payment_splits
    group by
        unearned_type_definition_id, unearned_type_name, is_hidden, coalesce(clinic_id, 0),
        payment_date

),

final as (

    select
        unearned_type_definition_id,
        unearned_type_name,
        is_hidden,
        clinic_id,
        day,
        day is null or {{ is_over('day', 'day') }} as is_complete,
        cast(received_amount as decimal(18, 2)) as received_amount,
        cast(used_amount as decimal(18, 2)) as used_amount,
        cast(change_amount as decimal(18, 2)) as change_amount,
        cast(
            sum(change_amount) over (
                partition by unearned_type_definition_id, clinic_id
                order by day nulls first
                rows between unbounded preceding and current row
            ) as decimal(18, 2)
        ) as balance_amount
    from days

)

select * from final
