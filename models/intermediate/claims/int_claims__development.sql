-- grain: one row per system, payer or all, month of valuation and month since the claims
with triangle as (

    select * from {{ ref('int_claims__paid_triangle') }}

),

paid_months as (

    select paid_month from triangle
    group by paid_month

),

ranked_months as (

    select
        paid_month as valuation_month,
        row_number() over (order by paid_month desc) - 1 as months_back
    from paid_months

),

valuations as (

    select * from ranked_months
    where months_back <= {{ var('claims_back_tested_months') }}

),

-- Chain ladder: all months that had both sides by the month of valuation, weighted by amount.
steps as (

    select
        triangle.source_system,
        triangle.payer,
        valuations.valuation_month,
        valuations.months_back,
        triangle.lag_month,
        count(*) as month_count,
        sum(triangle.paid_so_far_amount) as paid_before_amount,
        sum(triangle.next_paid_so_far_amount) as paid_after_amount
    from triangle
    inner join valuations on triangle.next_paid_month <= valuations.valuation_month
    group by
        triangle.source_system, triangle.payer, valuations.valuation_month,
        valuations.months_back, triangle.lag_month

),

factors as (

    select
        *,
        case
            when paid_before_amount > 0 and paid_after_amount > 0
                then {{ ratio('paid_after_amount', 'paid_before_amount') }}
            else 1
        end as development_factor
    from steps

),

final as (

    select
        source_system,
        payer,
        valuation_month,
        months_back,
        lag_month,
        month_count,
        development_factor,
        cast(exp(sum(ln(development_factor)) over (
            partition by source_system, payer, valuation_month order by lag_month desc
            rows between unbounded preceding and current row
        )) as decimal(18, 8)) as completion_factor,
        max(lag_month) over (partition by source_system, payer, valuation_month) + 1 as last_lag
    from factors

)

select * from final
