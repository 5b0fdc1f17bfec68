-- grain: one row per system, payer or all payers, and past month of valuation
with months as (

    select * from {{ ref('int_claims__completed_months') }}
    where months_back > 0

),

summed as (

    select
        source_system,
        payer,
        valuation_month,
        sum(coalesce(estimated_now_amount, paid_amount) - paid_amount) as estimated_amount,
        sum(paid_now_amount - paid_amount) as actual_amount,
        count(estimated_now_amount) as estimated_months
    from months
    group by source_system, payer, valuation_month

),

final as (

    select
        source_system,
        payer,
        valuation_month,
        {{ claims_is_over('valuation_month', 'month') }} as is_complete,
        estimated_months,
        cast(case when estimated_months > 0 then estimated_amount end as decimal(18, 2))
            as estimated_amount,
        cast(actual_amount as decimal(18, 2)) as actual_amount,
        case
            when estimated_months > 0
                then {{ ratio('estimated_amount - actual_amount', 'actual_amount') }}
        end as estimation_error
    from summed

)

select * from final
