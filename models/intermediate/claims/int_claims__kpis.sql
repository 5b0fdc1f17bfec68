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
        sum(case when status = 'DENIED' then claim_count else 0 end) as denied_count,
        sum(case when status = 'REJECTED' then claim_count else 0 end) as rejected_count,
        sum(case when is_paid_at_first then claim_count else 0 end) as first_pass_count,
        sum(
            case when is_decided and coalesce(day_count, -1) < 0 then claim_count else 0 end
        ) as undated_count,
        sum(amount) as amount,
        {{ claims_known_paid("status = 'PAID'") }} as paid_amount,
        sum(case when is_open then amount else 0 end) as open_amount,
        sum(case when is_decided then amount else 0 end) as decided_amount,
        {{ claims_known_paid("status = 'PAID'", 'is_decided') }} as decided_paid_amount,
        sum(case when status = 'DENIED' then amount else 0 end) as denied_amount,
        sum(case when status = 'REJECTED' then amount else 0 end) as rejected_amount
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
        cast(counted.rejected_count as bigint) as rejected_count,
        cast(counted.first_pass_count as bigint) as first_pass_count,
        cast(counted.undated_count as bigint) as undated_count,
        {% for name in [
            'amount', 'paid_amount', 'open_amount', 'decided_amount', 'decided_paid_amount',
            'denied_amount', 'rejected_amount',
        ] -%}
            cast(counted.{{ name }} as decimal(18, 2)) as {{ name }},
        {% endfor -%}
        {{ ratio('counted.decided_paid_amount', 'counted.decided_amount') }}
            as reimbursement_rate,
        {{ ratio('counted.denied_amount', 'counted.decided_amount') }} as denied_amount_rate,
        {{ ratio('counted.rejected_amount', 'counted.decided_amount') }} as rejected_amount_rate,
        {{ rate_columns('denial_rate', 'counted.denied_count', 'counted.decided_count') }},
        {{ rate_columns('rejection_rate', 'counted.rejected_count', 'counted.decided_count') }},
        {{ rate_columns(
            'pending_rate', 'counted.open_count', '(counted.open_count + counted.decided_count)'
        ) }},
        {{ rate_columns('first_pass_yield', 'counted.first_pass_count', 'counted.decided_count') }},
        {{ is_small_sample('counted.decided_count') }} as is_small_sample,
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
