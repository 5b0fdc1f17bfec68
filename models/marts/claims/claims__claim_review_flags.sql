-- grain: one row per claim and reason to look at it
with hits as (

    select * from {{ ref('int_claims__review_hits') }}

),

claims as (

    select * from {{ ref('int_claims__claims') }}

),

source_systems as (

    select * from {{ ref('int_claims__source_systems') }}

),

rules as (

    select * from {{ ref('claim_review_rules') }}

),

final as (

    select
        hits.claim_key,
        claims.source_system,
        {{ claims_plain_id(
            'claims.source_system', 'coalesce(claims.shared_claim_number, claims.claim_key)'
        ) }} as claim_id,
        {{ claims_plain_id('source_systems.member_system', 'claims.member_id') }} as member_id,
        {{ claims_plain_id('source_systems.provider_system', 'claims.provider_id') }}
            as provider_id,
        claims.payer,
        hits.rule_code,
        rules.rule_name,
        rules.subject,
        hits.case_label,
        rules.rationale,
        rules.weight,
        hits.score,
        hits.peer_count,
        hits.related_claim_key,
        hits.amount_at_stake,
        hits.expected_value_amount
    from hits
    inner join claims on hits.claim_key = claims.claim_key
    inner join source_systems on claims.source_system = source_systems.source_system
    inner join rules on hits.rule_code = rules.rule_code

)

select * from final
