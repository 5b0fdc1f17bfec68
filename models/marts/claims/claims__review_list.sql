-- grain: one row per claim with at least one reason of its own to look at it
with flags as (

    select * from {{ ref('claims__claim_review_flags') }}
    where subject = 'claim'

),

claims as (

    select * from {{ ref('int_claims__claims') }}

),

source_systems as (

    select * from {{ ref('int_claims__source_systems') }}

),

listed as (

    select
        claim_key,
        count(*) as reason_count,
        {{ dbt.listagg('rule_name', "'; '", 'order by expected_value_amount desc, rule_code asc') }}
            as reasons,
        max(amount_at_stake) as amount_at_stake,
        max(expected_value_amount) as expected_value_amount
    from flags
    group by claim_key

),

final as (

    select
        cast(row_number() over (
            order by
                listed.expected_value_amount desc,
                listed.reason_count desc,
                listed.claim_key asc
        ) as bigint) as review_rank,
        listed.claim_key,
        claims.source_system,
        {{ claims_plain_id(
            'claims.source_system', 'coalesce(claims.shared_claim_number, claims.claim_key)'
        ) }} as claim_id,
        {{ claims_plain_id('source_systems.member_system', 'claims.member_id') }} as member_id,
        {{ claims_plain_id('source_systems.provider_system', 'claims.provider_id') }}
            as provider_id,
        claims.payer,
        claims.specialty,
        claims.diagnosis_code,
        claims.status,
        claims.claim_date,
        claims.amount,
        claims.paid_amount,
        listed.reason_count,
        listed.reasons,
        listed.amount_at_stake,
        listed.expected_value_amount,
        claims._source_file,
        claims._source_row
    from listed
    inner join claims on listed.claim_key = claims.claim_key
    inner join source_systems on claims.source_system = source_systems.source_system

)

select * from final
