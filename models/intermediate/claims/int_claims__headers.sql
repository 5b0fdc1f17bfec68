-- grain: one row per claim of which one row does not say everything: the sum of its lines
with counted_rows as (

    select * from {{ ref('int_claims__counted_rows') }}

),

statuses as (

    select * from {{ ref('claim_statuses') }}

),

summed as (

    select
        claim_key,
        count(*) as line_count,
        sum(amount) as amount,
        sum(paid_amount) as paid_amount,
        min(claim_at) as claim_at,
        max(adjudicated_at) as adjudicated_at,
        max(payer) as payer,
        max(plan_name) as plan_name
    from counted_rows
    group by claim_key

),

final as (

    select
        summed.claim_key,
        newest.claim_number,
        newest.source_system,
        newest.told_count,
        summed.line_count,
        newest.member_id,
        newest.provider_id,
        newest.diagnosis_code,
        newest.claim_status as status,
        statuses.is_open,
        statuses.is_decided,
        coalesce(newest.payer, summed.payer) as payer,
        coalesce(newest.plan_name, summed.plan_name) as plan_name,
        cast(summed.amount as decimal(18, 2)) as amount,
        cast(summed.paid_amount as decimal(18, 2)) as paid_amount,
        summed.claim_at,
        summed.adjudicated_at,
        newest.ingested_at,
        newest._source_file,
        newest._source_row,
        newest._load_id
    from summed
    inner join counted_rows as newest
        on summed.claim_key = newest.claim_key and newest.header_rank = 1
    inner join statuses on newest.claim_status = statuses.status

)

select * from final
