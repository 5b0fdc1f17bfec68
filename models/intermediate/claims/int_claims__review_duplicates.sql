-- grain: one row per claim that repeats an earlier one, and rule
with claims as (

    select * from {{ ref('int_claims__claims') }}

),

near_rule as (

    select * from {{ ref('claim_review_rules') }}
    where rule_code = 'near_duplicate'

),

repeated_care as (

    select
        member_id,
        provider_id,
        diagnosis_category
    from claims
    where member_id is not null and provider_id is not null
    group by member_id, provider_id, diagnosis_category
    having count(*) > 1

),

candidates as (

    select
        claims.claim_key,
        claims.member_id,
        claims.provider_id,
        coalesce(claims.diagnosis_category, '') as category_label,
        coalesce(claims.diagnosis_code, '') as code_label,
        claims.claim_date,
        claims.amount,
        case when claims.is_open then claims.amount else coalesce(claims.paid_amount, 0) end
            as amount_at_stake,
        row_number() over (
            partition by claims.member_id, claims.provider_id
            order by claims.claim_at asc, claims.ingested_at asc, claims.claim_key asc
        ) as claim_number
    from claims
    inner join repeated_care
        on
            claims.member_id = repeated_care.member_id
            and claims.provider_id = repeated_care.provider_id
            and claims.diagnosis_category is not distinct from repeated_care.diagnosis_category

),

pairs as (

    select
        repeats.claim_key,
        repeats.amount_at_stake,
        originals.claim_key as related_claim_key,
        originals.claim_number,
        case
            when
                repeats.claim_date = originals.claim_date
                and repeats.amount = originals.amount
                and repeats.code_label = originals.code_label
                then 'exact_duplicate'
            else 'near_duplicate'
        end as rule_code
    from candidates as repeats
    inner join candidates as originals
        on
            repeats.member_id = originals.member_id
            and repeats.provider_id = originals.provider_id
            and repeats.category_label = originals.category_label
            and repeats.claim_number > originals.claim_number
    cross join near_rule
    where
        repeats.claim_date
        <= {{ add_days('originals.claim_date', 'cast(near_rule.threshold as integer)') }}
        and abs(repeats.amount - originals.amount) <= 0.05 * abs(originals.amount)

),

ranked as (

    select
        *,
        row_number() over (
            partition by claim_key order by rule_code asc, claim_number asc
        ) as pair_rank
    from pairs

),

final as (

    select
        claim_key,
        rule_code,
        amount_at_stake,
        related_claim_key
    from ranked
    where pair_rank = 1

)

select * from final
