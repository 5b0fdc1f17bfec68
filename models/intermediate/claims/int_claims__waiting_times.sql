-- grain: one row per dimension and value: how many days until half and nine tenths are decided
with outcome_counts as (

    select * from {{ ref('int_claims__outcome_counts') }}
    where day_count >= 0 and (is_open or is_decided)

),

by_day as (

    select
        source_system,
        payer,
        dimension,
        dimension_value,
        day_count,
        sum(claim_count) as claim_count,
        sum(case when is_decided then claim_count else 0 end) as decided_count
    from outcome_counts
    group by source_system, payer, dimension, dimension_value, day_count

),

-- Kaplan and Meier: an open claim is known to last at least until now, and no more than that.
waiting as (

    select
        *,
        sum(claim_count) over (
            partition by source_system, payer, dimension, dimension_value order by day_count desc
            rows between unbounded preceding and current row
        ) as waiting_count
    from by_day

),

undecided as (

    select
        *,
        exp(sum(
            case
                when decided_count = waiting_count then -700
                else ln(1 - {{ ratio('decided_count', 'waiting_count') }})
            end
        ) over (
            partition by source_system, payer, dimension, dimension_value order by day_count asc
            rows between unbounded preceding and current row
        )) as undecided_share
    from waiting

),

final as (

    select
        source_system,
        payer,
        dimension,
        dimension_value,
        min(case when undecided_share <= 0.5 + 1e-9 then day_count end) as median_days,
        min(case when undecided_share <= 0.1 + 1e-9 then day_count end) as p90_days
    from undecided
    group by source_system, payer, dimension, dimension_value

)

select * from final
