-- grain: one row per system, and payer or all payers
with months as (

    select * from {{ ref('claims__ibnr_monthly') }}

),

back_tests as (

    select * from {{ ref('claims__ibnr_back_tests') }}
    where estimated_amount > 0

),

totals as (

    select
        source_system,
        payer,
        max(valuation_month) as valuation_month,
        count(*) as month_count,
        count(completed_amount) as estimated_months,
        sum(paid_amount) as paid_amount,
        sum(completed_amount) as completed_amount,
        sum(ibnr_amount) as ibnr_amount
    from months
    group by source_system, payer

),

ranked as (

    select
        *,
        {{ ratio('actual_amount', 'estimated_amount') }} as actual_by_estimate,
        row_number() over (
            partition by source_system, payer
            order by actual_amount / estimated_amount, valuation_month
        ) as rank_from_below,
        count(*) over (partition by source_system, payer) as test_count
    from back_tests

),

-- The tenth part of the past errors from below and from above, between two of them by their share.
placed as (

    select
        *,
        test_count + 1 - rank_from_below as rank_from_above,
        floor(0.1 * (test_count + 1)) as whole_rank,
        0.1 * (test_count + 1) - floor(0.1 * (test_count + 1)) as rest
    from ranked

),

errors as (

    select
        source_system,
        payer,
        count(*) as back_tested_months,
        avg(estimation_error) as mean_error,
        case
            when max(whole_rank) >= 1
                then sum(
                    case
                        when rank_from_below = whole_rank then actual_by_estimate * (1 - rest)
                        when rank_from_below = whole_rank + 1 then actual_by_estimate * rest
                    end
                )
        end as ratio_from_below,
        case
            when max(whole_rank) >= 1
                then sum(
                    case
                        when rank_from_above = whole_rank then actual_by_estimate * (1 - rest)
                        when rank_from_above = whole_rank + 1 then actual_by_estimate * rest
                    end
                )
        end as ratio_from_above
    from placed
    group by source_system, payer

),

final as (

    select
        totals.source_system,
        totals.payer,
        totals.valuation_month,
        totals.month_count,
        totals.estimated_months,
        cast(totals.paid_amount as decimal(18, 2)) as paid_amount,
        cast(totals.completed_amount as decimal(18, 2)) as completed_amount,
        cast(totals.ibnr_amount as decimal(18, 2)) as ibnr_amount,
        {% for name, end in [('low', 'below'), ('high', 'above')] -%}
            cast(
                round(
                    cast(
                        totals.ibnr_amount * cast(errors.ratio_from_{{ end }} as decimal(18, 8))
                        as decimal(38, 10)
                    ), 2
                ) as decimal(18, 2)
            ) as ibnr_{{ name }}_amount,
        {% endfor -%}
        coalesce(errors.back_tested_months, 0) as back_tested_months,
        errors.mean_error
    from totals
    left join errors
        on totals.source_system = errors.source_system and totals.payer = errors.payer

)

select * from final
