-- grain: one row per month of claims and month since then
with claims as (

    select * from {{ ref('int_claims__claims') }}

),

months as (

    select * from {{ ref('int_claims__months') }}

),

decided as (

    select
        source_system,
        payer,
        cast({{ dbt.date_trunc('month', 'claim_date') }} as date) as claim_month,
        is_open,
        is_decided,
        paid_amount,
        {{ months_between('claim_at', 'coalesce(adjudicated_at, ingested_at)') }} as lag_month,
        {{ months_between('claim_at', claims_as_of()) }} as last_lag_month
    from claims

),

-- A decision dated before its claim, or after today, stands in the first or the last month.
placed as (

    select
        source_system,
        payer,
        claim_month,
        is_decided,
        paid_amount,
        case
            when lag_month < 0 or last_lag_month < 0 then 0
            when lag_month > last_lag_month then last_lag_month
            else lag_month
        end as lag_month
    from decided

),

counted as (

    select
        source_system,
        payer,
        claim_month,
        lag_month,
        sum(case when is_decided then 1 else 0 end) as decided_count,
        coalesce(sum(case when is_decided then paid_amount end), 0) as paid_amount
    from placed
    group by source_system, payer, claim_month, lag_month

),

claim_months as (

    select
        source_system,
        payer,
        claim_month,
        count(*) as claim_count,
        sum(case when is_open or is_decided then 1 else 0 end) as rated_count
    from decided
    group by source_system, payer, claim_month

),

-- A month's row ends where time has not come yet: a cell that is not there is unknown, not zero.
cells as (

    select
        claim_months.source_system,
        claim_months.payer,
        claim_months.claim_month,
        claim_months.claim_count,
        claim_months.rated_count,
        months.month_start as paid_month,
        {{ months_between('claim_months.claim_month', 'months.month_start') }} as lag_month
    from claim_months
    inner join months
        on
            claim_months.claim_month = months.month_start
            or (
                claim_months.claim_month < months.month_start
                and months.month_start <= {{ claims_as_of() }}
            )

),

summed as (

    select
        cells.source_system,
        cells.payer,
        cells.claim_month,
        cast(cells.lag_month as integer) as lag_month,
        cells.claim_count,
        cells.rated_count,
        cells.paid_month,
        cast(coalesce(counted.decided_count, 0) as bigint) as decided_count,
        cast(sum(coalesce(counted.decided_count, 0)) over (
            partition by cells.source_system, cells.payer, cells.claim_month
            order by cells.lag_month
            rows between unbounded preceding and current row
        ) as bigint) as decided_so_far_count,
        cast(coalesce(counted.paid_amount, 0) as decimal(18, 2)) as paid_amount,
        cast(sum(coalesce(counted.paid_amount, 0)) over (
            partition by cells.source_system, cells.payer, cells.claim_month
            order by cells.lag_month
            rows between unbounded preceding and current row
        ) as decimal(18, 2)) as paid_so_far_amount
    from cells
    left join counted
        on
            cells.source_system = counted.source_system
            and cells.payer = counted.payer
            and cells.claim_month = counted.claim_month
            and cells.lag_month = counted.lag_month

),

final as (

    select
        source_system,
        payer,
        claim_month,
        lag_month,
        paid_month,
        {{ claims_is_over('claim_month', 'month') }} as is_complete,
        {{ claims_is_over('paid_month', 'month') }} as is_paid_month_complete,
        claim_count,
        cast(rated_count as bigint) as rated_count,
        decided_count,
        decided_so_far_count,
        paid_amount,
        paid_so_far_amount
    from summed

)

select * from final
