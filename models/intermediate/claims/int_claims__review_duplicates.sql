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
        claims.diagnosis_category,
        claims.diagnosis_code,
        claims.claim_date,
        claims.claim_at,
        claims.ingested_at,
        claims.amount,
        case when claims.is_open then claims.amount else coalesce(claims.paid_amount, 0) end
            as amount_at_stake
    from claims
    inner join repeated_care
        on
            claims.member_id = repeated_care.member_id
            and claims.provider_id = repeated_care.provider_id
            and claims.diagnosis_category is not distinct from repeated_care.diagnosis_category

),

pairs as (

    select
        later.claim_key,
        later.amount_at_stake,
        earlier.claim_key as related_claim_key,
        later.claim_date = earlier.claim_date
        and later.amount = earlier.amount
        and later.diagnosis_code is not distinct from earlier.diagnosis_code as is_exact,
        row_number() over (
            partition by later.claim_key
            order by
                case
                    when
                        later.claim_date = earlier.claim_date
                        and later.amount = earlier.amount
                        and later.diagnosis_code is not distinct from earlier.diagnosis_code
                        then 0
                    else 1
                end asc,
                earlier.claim_at asc,
                earlier.ingested_at asc,
                earlier.claim_key asc
        ) as pair_rank
    from candidates as later
    inner join candidates as earlier
        on
            later.member_id = earlier.member_id
            and later.provider_id = earlier.provider_id
            and later.diagnosis_category is not distinct from earlier.diagnosis_category
    cross join near_rule
    where
        (
            earlier.claim_at < later.claim_at
            or (
                earlier.claim_at = later.claim_at
                and (
                    earlier.ingested_at < later.ingested_at
                    or (
                        earlier.ingested_at = later.ingested_at
                        and earlier.claim_key < later.claim_key
                    )
                )
            )
        )
        and later.claim_date <= {{ add_days('earlier.claim_date', 'cast(near_rule.threshold as integer)') }}
        and abs(later.amount - earlier.amount) <= 0.05 * abs(earlier.amount)

),

final as (

    select
        claim_key,
        case when is_exact then 'exact_duplicate' else 'near_duplicate' end as rule_code,
        amount_at_stake,
        related_claim_key
    from pairs
    where pair_rank = 1

)

select * from final
