-- grain: one row per system, payer or all, month of valuation and month of claims up to it
with triangle as (

    select * from {{ ref('int_claims__paid_triangle') }}

),

development as (

    select * from {{ ref('int_claims__development') }}

),

valuations as (

    select
        source_system,
        payer,
        valuation_month,
        months_back,
        max(last_lag) as last_lag
    from development
    group by source_system, payer, valuation_month, months_back

),

newest as (

    select
        *,
        row_number() over (
            partition by source_system, payer, claim_month order by lag_month desc
        ) as age_rank
    from triangle

),

-- Beyond the oldest month that is known nothing more is expected: its factor is 1.
joined as (

    select
        triangle.source_system,
        triangle.payer,
        valuations.valuation_month,
        valuations.months_back,
        triangle.claim_month,
        triangle.lag_month,
        triangle.claim_count,
        triangle.paid_so_far_amount as paid_amount,
        newest.paid_so_far_amount as paid_now_amount,
        valuations.last_lag >= {{ var('claims_completion_months') }} as is_known,
        coalesce(development.completion_factor, 1) as completion_factor,
        coalesce(later.completion_factor, 1) as later_factor
    from triangle
    inner join valuations
        on
            triangle.source_system = valuations.source_system
            and triangle.payer = valuations.payer
            and triangle.paid_month = valuations.valuation_month
    inner join newest
        on
            triangle.source_system = newest.source_system
            and triangle.payer = newest.payer
            and triangle.claim_month = newest.claim_month
            and newest.age_rank = 1
    left join development
        on
            valuations.source_system = development.source_system
            and valuations.payer = development.payer
            and valuations.valuation_month = development.valuation_month
            and triangle.lag_month = development.lag_month
    left join development as later
        on
            valuations.source_system = later.source_system
            and valuations.payer = later.payer
            and valuations.valuation_month = later.valuation_month
            and newest.lag_month = later.lag_month

),

-- A month of which nothing is paid yet tells the method nothing: unknown, not 0.
judged as (

    select
        *,
        -- DuckDB keeps the product of two decimals of up to 18 digits within 18: too few for a
        -- month of more than 100 million times 8 decimals.
        cast(paid_amount as decimal(19, 2)) as wide_paid_amount,
        is_known and (paid_amount <> 0 or completion_factor < 1.01) as is_estimated
    from joined

),

final as (

    select
        source_system,
        payer,
        valuation_month,
        months_back,
        claim_month,
        lag_month,
        claim_count,
        paid_amount,
        paid_now_amount,
        case when is_known then cast(completion_factor as decimal(18, 8)) end as completion_factor,
        case
            when is_estimated
                then cast(
                    round(cast(wide_paid_amount * completion_factor as decimal(38, 10)), 2)
                    as decimal(18, 2)
                )
        end as completed_amount,
        case
            when is_estimated
                then cast(
                    round(
                        cast(
                            wide_paid_amount
                            * cast(completion_factor / later_factor as decimal(18, 8))
                            as decimal(38, 10)
                        ), 2
                    ) as decimal(18, 2)
                )
        end as estimated_now_amount
    from judged

)

select * from final
