-- grain: one row per month of claims and month since then
with triangle as (

    select * from {{ ref('int_claims__lag_triangle') }}

),

final as (

    select
        source_system,
        payer,
        claim_month,
        lag_month,
        is_complete,
        paid_month,
        is_paid_month_complete,
        claim_count,
        rated_count,
        decided_count,
        decided_so_far_count,
        paid_amount,
        paid_so_far_amount,
        {{ rate_columns('completion_rate', 'decided_so_far_count', 'rated_count') }},
        {{ is_small_sample('rated_count') }} as is_small_sample
    from triangle

)

select * from final
