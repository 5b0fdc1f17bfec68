-- grain: one row per system, payer or all, month of claims and month since that is over
with triangle as (

    select * from {{ ref('int_claims__lag_triangle') }}
    where is_paid_month_complete

),

summed as (

    select
        source_system,
        payer,
        claim_month,
        lag_month,
        paid_month,
        claim_count,
        paid_so_far_amount
    from triangle
    union all
    select
        source_system,
        'All payers' as payer,
        claim_month,
        lag_month,
        paid_month,
        cast(sum(claim_count) as bigint) as claim_count,
        cast(sum(paid_so_far_amount) as decimal(18, 2)) as paid_so_far_amount
    from triangle
    group by source_system, claim_month, lag_month, paid_month

),

final as (

    select
        *,
        lead(paid_month) over (
            partition by source_system, payer, claim_month order by lag_month
        ) as next_paid_month,
        lead(paid_so_far_amount) over (
            partition by source_system, payer, claim_month order by lag_month
        ) as next_paid_so_far_amount
    from summed

)

select * from final
