-- grain: one row per system, payer or all payers, and month since the claims
with development as (

    select * from {{ ref('int_claims__development') }}
    where months_back = 0

),

back_tests as (

    select * from {{ ref('int_claims__completed_months') }}
    where months_back > 0 and estimated_now_amount is not null

),

errors as (

    select
        source_system,
        payer,
        lag_month,
        count(*) as back_tested_months,
        sum(estimated_now_amount) as estimated_amount,
        sum(paid_now_amount) as actual_amount
    from back_tests
    group by source_system, payer, lag_month

),

final as (

    select
        development.source_system,
        development.payer,
        cast(development.lag_month as integer) as lag_month,
        development.valuation_month,
        development.month_count as developed_months,
        development.development_factor,
        development.completion_factor,
        coalesce(errors.back_tested_months, 0) as back_tested_months,
        cast(errors.estimated_amount as decimal(18, 2)) as estimated_amount,
        cast(errors.actual_amount as decimal(18, 2)) as actual_amount,
        {{ ratio('errors.estimated_amount - errors.actual_amount', 'errors.actual_amount') }}
            as mean_error
    from development
    left join errors
        on
            development.source_system = errors.source_system
            and development.payer = errors.payer
            and development.lag_month = errors.lag_month

)

select * from final
