-- grain: one row per system, payer or all payers, and month of claims that is over
with months as (

    select * from {{ ref('int_claims__completed_months') }}
    where months_back = 0

),

final as (

    select
        source_system,
        payer,
        claim_month,
        {{ claims_is_over('claim_month', 'month') }} as is_complete,
        coalesce(
            completed_amount is not null
            and completion_factor * {{ var('claims_mature_share') }} <= 1, false
        ) as is_paid_mature,
        valuation_month,
        cast(lag_month as integer) as lag_month,
        cast(claim_count as bigint) as claim_count,
        paid_amount,
        completion_factor,
        completed_amount,
        cast(completed_amount - paid_amount as decimal(18, 2)) as ibnr_amount
    from months

)

select * from final
