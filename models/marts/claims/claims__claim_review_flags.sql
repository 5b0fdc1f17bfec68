-- grain: one row per claim and reason to look at it
with hits as (

    select * from {{ ref('int_claims__review_hits') }}

),

claims as (

    select * from {{ ref('int_claims__claims') }}

),

rules as (

    select * from {{ ref('claim_review_rules') }}

),

final as (

    select
        hits.claim_key,
        coalesce(claims.shared_claim_id, claims.claim_key) as claim_id,
        claims.member_id,
        claims.provider_id,
        hits.rule_code,
        rules.rule_name,
        rules.rationale,
        rules.weight,
        hits.score,
        hits.peer_count,
        hits.related_claim_key,
        hits.amount_at_stake,
        hits.expected_value_amount
    from hits
    inner join claims on hits.claim_key = claims.claim_key
    inner join rules on hits.rule_code = rules.rule_code

)

select * from final
