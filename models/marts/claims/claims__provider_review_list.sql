-- grain: one row per provider, rule and case
with hits as (

    select * from {{ ref('int_claims__review_hits') }}
    where case_label is not null

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

versions as (

    select * from {{ ref('int_claims__provider_versions') }}

),

newest_versions as (

    select
        *,
        row_number() over (partition by provider_id order by valid_from desc) as version_rank
    from versions

),

cases as (

    select
        source_systems.provider_system,
        claims.provider_id,
        hits.rule_code,
        hits.case_label,
        count(*) as claim_count,
        count(distinct claims.member_id) as member_count,
        max(hits.score) as score,
        min(claims.claim_date) as first_claim_date,
        max(claims.claim_date) as last_claim_date,
        sum(claims.amount) as amount,
        sum(hits.amount_at_stake) as amount_at_stake,
        sum(hits.expected_value_amount) as expected_value_amount
    from hits
    inner join claims on hits.claim_key = claims.claim_key
    inner join source_systems on claims.source_system = source_systems.source_system
    group by
        source_systems.provider_system, claims.provider_id, hits.rule_code, hits.case_label

),

final as (

    select
        cast(row_number() over (
            order by
                cases.expected_value_amount desc, cases.claim_count desc,
                cases.provider_id asc, cases.rule_code asc, cases.case_label asc
        ) as bigint) as review_rank,
        cases.provider_system as source_system,
        {{ claims_plain_id('cases.provider_system', 'cases.provider_id') }} as provider_id,
        newest_versions.provider_name,
        newest_versions.specialty,
        cases.rule_code,
        rules.rule_name,
        rules.rationale,
        cases.case_label,
        cases.claim_count,
        cases.member_count,
        cases.score,
        cases.first_claim_date,
        cases.last_claim_date,
        cast(cases.amount as decimal(18, 2)) as amount,
        cast(cases.amount_at_stake as decimal(18, 2)) as amount_at_stake,
        cast(cases.expected_value_amount as decimal(18, 2)) as expected_value_amount
    from cases
    inner join rules on cases.rule_code = rules.rule_code
    left join newest_versions
        on cases.provider_id = newest_versions.provider_id and newest_versions.version_rank = 1

)

select * from final
