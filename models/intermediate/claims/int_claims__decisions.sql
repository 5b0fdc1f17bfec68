-- grain: one row per claim that was told more than once and has been decided
with status_changes as (

    select * from {{ ref('int_claims__status_changes') }}

),

statuses as (

    select * from {{ ref('claim_statuses') }}

),

decisions as (

    select
        status_changes.claim_key,
        statuses.is_paid,
        row_number() over (
            partition by status_changes.claim_key order by status_changes.status_number
        ) as decision_number,
        count(*) over (partition by status_changes.claim_key) as decision_count
    from status_changes
    inner join statuses on status_changes.status = statuses.status
    where statuses.is_decided

),

final as (

    select
        claim_key,
        decision_count,
        is_paid and decision_count = 1 as is_paid_at_first
    from decisions
    where decision_number = 1

)

select * from final
