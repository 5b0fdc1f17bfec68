-- grain: one row per dimension and value
with outcome_counts as (

    select * from {{ ref('int_claims__outcome_counts') }}

),

waiting_times as (

    select * from {{ ref('int_claims__waiting_times') }}

),

counted as (

    select
        source_system,
        payer,
        dimension,
        dimension_value,
        sum(claim_count) as claim_count,
        sum(case when is_open then claim_count else 0 end) as open_count,
        sum(case when is_decided then claim_count else 0 end) as decided_count,
        sum(case when is_denied then claim_count else 0 end) as denied_count,
        sum(case when is_paid_at_first then claim_count else 0 end) as first_pass_count,
        sum(
            case when is_decided and coalesce(day_count, -1) < 0 then claim_count else 0 end
        ) as undated_count,
        sum(amount) as amount,
        sum(paid_amount) as paid_amount,
        sum(case when is_decided then amount else 0 end) as decided_amount,
        sum(case when is_decided then paid_amount else 0 end) as decided_paid_amount
    from outcome_counts
    group by source_system, payer, dimension, dimension_value

),

final as (

    select
        counted.source_system,
        counted.payer,
        counted.dimension,
        counted.dimension_value,
        cast(counted.claim_count as bigint) as claim_count,
        cast(counted.open_count as bigint) as open_count,
        cast(counted.decided_count as bigint) as decided_count,
        cast(counted.denied_count as bigint) as denied_count,
        cast(counted.first_pass_count as bigint) as first_pass_count,
        cast(counted.undated_count as bigint) as undated_count,
        cast(counted.amount as decimal(18, 2)) as amount,
        cast(coalesce(counted.paid_amount, 0) as decimal(18, 2)) as paid_amount,
        {{ ratio('counted.decided_paid_amount', 'counted.decided_amount') }}
            as reimbursement_rate,
        {{ ratio('counted.denied_count', 'counted.decided_count') }} as denial_rate,
        {{ ratio('counted.open_count', '(counted.open_count + counted.decided_count)') }}
            as pending_rate,
        {{ ratio('counted.first_pass_count', 'counted.decided_count') }} as first_pass_yield,
        cast(waiting_times.median_days as integer) as median_days,
        cast(waiting_times.p90_days as integer) as p90_days
    from counted
    left join waiting_times
        on
            counted.source_system = waiting_times.source_system
            and counted.payer is not distinct from waiting_times.payer
            and counted.dimension = waiting_times.dimension
            and counted.dimension_value is not distinct from waiting_times.dimension_value

)

select * from final
