-- grain: one row per member of high cost in the past twelve months
with claims as (

    select * from {{ ref('int_claims__claims') }}
    where
        member_id is not null
        and claim_date <= {{ claims_as_of() }}
        and claim_date > cast({{ claims_as_of() }} - interval '12 months' as date)

),

source_systems as (

    select * from {{ ref('int_claims__source_systems') }}

),

summed as (

    select
        source_systems.member_system,
        claims.member_id,
        count(*) as claim_count,
        sum(claims.amount) as amount,
        sum(claims.paid_amount) as paid_amount,
        min(claims.claim_date) as first_claim_date,
        max(claims.claim_date) as last_claim_date
    from claims
    inner join source_systems on claims.source_system = source_systems.source_system
    group by source_systems.member_system, claims.member_id

),

ranked as (

    select
        *,
        row_number() over (
            partition by member_system order by paid_amount desc nulls last, member_id asc
        ) as cost_rank,
        count(*) over (partition by member_system) as member_count,
        sum(paid_amount) over (partition by member_system) as total_paid_amount
    from summed

),

chapters as (

    select
        member_id,
        diagnosis_chapter,
        row_number() over (
            partition by member_id
            order by coalesce(sum(paid_amount), 0) desc, diagnosis_chapter asc
        ) as chapter_rank
    from claims
    group by member_id, diagnosis_chapter

),

final as (

    select
        ranked.member_system as source_system,
        {{ claims_plain_id('ranked.member_system', 'ranked.member_id') }} as member_id,
        cast(ranked.cost_rank as bigint) as cost_rank,
        ranked.member_count,
        ranked.paid_amount >= {{ var('claims_high_cost_member_amount') }} as is_above_threshold,
        ranked.claim_count,
        chapters.diagnosis_chapter,
        cast(ranked.amount as decimal(18, 2)) as amount,
        cast(ranked.paid_amount as decimal(18, 2)) as paid_amount,
        cast(ranked.total_paid_amount as decimal(18, 2)) as total_paid_amount,
        {{ ratio('ranked.paid_amount', 'ranked.total_paid_amount') }} as paid_share,
        ranked.first_claim_date,
        ranked.last_claim_date
    from ranked
    inner join chapters on ranked.member_id = chapters.member_id and chapters.chapter_rank = 1
    where
        ranked.paid_amount >= {{ var('claims_high_cost_member_amount') }}
        or ranked.cost_rank <= {{ var('claims_high_cost_member_share') }} * ranked.member_count

)

select * from final
