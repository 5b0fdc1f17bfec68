-- grain: one row per claim whose amount lies far outside its peers
with claims as (

    select * from {{ ref('int_claims__claims') }}
    where amount > 0

),

peers as (

    select * from {{ ref('int_claims__amount_peers') }}
    where log_amount_mad > 0

),

outlier_rule as (

    select * from {{ ref('claim_review_rules') }}
    where rule_code = 'amount_outlier'

),

-- 0.6745 makes the MAD of a normal distribution its standard deviation.
scored as (

    select
        claims.claim_key,
        claims.is_open,
        claims.amount,
        claims.paid_amount,
        peers.peer_count,
        exp(peers.median_log_amount) as usual_amount,
        0.6745 * (ln(cast(claims.amount as {{ type_double() }})) - peers.median_log_amount)
        / peers.log_amount_mad as score
    from claims
    inner join peers
        on
            claims.specialty = peers.specialty
            and claims.diagnosis_category = peers.diagnosis_category
    inner join outlier_rule on peers.peer_count >= outlier_rule.minimum_count

),

final as (

    select
        scored.claim_key,
        'amount_outlier' as rule_code,
        case
            when scored.score < 0 then 0
            when scored.is_open
                then scored.amount - cast(scored.usual_amount as decimal(18, 2))
            when scored.paid_amount > scored.usual_amount
                then scored.paid_amount - cast(scored.usual_amount as decimal(18, 2))
            else 0
        end as amount_at_stake,
        scored.score,
        scored.peer_count
    from scored
    inner join outlier_rule on abs(scored.score) >= outlier_rule.threshold

)

select * from final
