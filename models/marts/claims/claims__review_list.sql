-- grain: one row per claim with at least one reason to look at it
with flags as (

    select * from {{ ref('claims__claim_review_flags') }}

),

claims as (

    select * from {{ ref('int_claims__claims') }}

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
        row_number() over (
            order by
                listed.expected_value_amount desc,
                listed.reason_count desc,
                listed.claim_key asc
        ) as review_rank,
        listed.claim_key,
        coalesce(claims.shared_claim_id, claims.claim_key) as claim_id,
        claims.member_id,
        claims.provider_id,
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

)

select * from final
