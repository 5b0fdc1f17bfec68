-- grain: one row per member, payer and day with a claim
with claims as (

    select * from {{ ref('int_claims__claims') }}

),

source_systems as (

    select * from {{ ref('int_claims__source_systems') }}

),

completed as (

    select * from {{ ref('claims__ibnr_monthly') }}
    where payer = 'All payers'

),

summed as (

    select
        source_system,
        member_id,
        payer,
        claim_date,
        count(*) as claim_count,
        sum(case when status = 'DENIED' then 1 else 0 end) as denied_count,
        sum(case when status = 'REJECTED' then 1 else 0 end) as rejected_count,
        sum(case when is_open then 1 else 0 end) as open_count,
        sum(amount) as amount,
        {{ claims_known_paid("status = 'PAID'") }} as paid_amount
    from claims
    group by source_system, member_id, payer, claim_date

),

final as (

    select
        summed.source_system,
        {{ claims_plain_id('source_systems.member_system', 'summed.member_id') }} as member_id,
        summed.payer,
        summed.claim_date,
        {{ claims_is_over('summed.claim_date', 'day') }} as is_complete,
        coalesce(completed.is_paid_mature, false) as is_paid_mature,
        summed.claim_count,
        cast(summed.denied_count as bigint) as denied_count,
        cast(summed.rejected_count as bigint) as rejected_count,
        cast(summed.open_count as bigint) as open_count,
        cast(summed.amount as decimal(18, 2)) as amount,
        cast(summed.paid_amount as decimal(18, 2)) as paid_amount
    from summed
    inner join source_systems on summed.source_system = source_systems.source_system
    left join completed
        on
            summed.source_system = completed.source_system
            and cast({{ dbt.date_trunc('month', 'summed.claim_date') }} as date)
            = completed.claim_month

)

select * from final
