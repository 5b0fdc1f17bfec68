-- grain: one row per claim and rule that looks at a habit of its provider
with claims as (

    select
        claim_key,
        provider_id,
        claim_date,
        amount,
        case when is_open then amount else coalesce(paid_amount, 0) end as amount_at_stake,
        amount > 0 and mod(amount, 1000) = 0 as is_round,
        amount >= {{ var('claims_high_value_amount') }} * 0.98
        and amount < {{ var('claims_high_value_amount') }} as is_just_below,
        amount >= {{ var('claims_high_value_amount') }}
        and amount < {{ var('claims_high_value_amount') }} * 1.02 as is_just_above
    from {{ ref('int_claims__claims') }}
    where provider_id is not null

),

rules as (

    select * from {{ ref('claim_review_rules') }}

),

days as (

    select
        provider_id,
        claim_date,
        count(*) as claim_count
    from claims
    group by provider_id, claim_date

),

usual_days as (

    select
        provider_id,
        percentile_cont(0.5) within group (order by claim_count * 1.0e0) as usual_count
    from days
    group by provider_id

),

impossible_days as (

    select
        days.provider_id,
        days.claim_date,
        days.claim_count as peer_count,
        days.claim_count / usual_days.usual_count as score
    from days
    inner join usual_days on days.provider_id = usual_days.provider_id
    inner join rules
        on
            rules.rule_code = 'impossible_day'
            and days.claim_count >= rules.minimum_count
            and days.claim_count > rules.threshold * usual_days.usual_count

),

habits as (

    select
        provider_id,
        count(*) as claim_count,
        sum(case when is_round then 1 else 0 end) as round_count,
        sum(case when is_just_below then 1 else 0 end) as below_count,
        sum(case when is_just_above then 1 else 0 end) as above_count
    from claims
    group by provider_id

),

rounders as (

    select
        habits.provider_id,
        habits.claim_count as peer_count,
        {{ ratio('habits.round_count', 'habits.claim_count') }} as score
    from habits
    inner join rules
        on
            rules.rule_code = 'round_amounts'
            and habits.round_count >= rules.minimum_count
            and habits.round_count >= rules.threshold * habits.claim_count

),

bunchers as (

    select
        habits.provider_id,
        habits.claim_count as peer_count,
        cast(habits.below_count as {{ type_double() }}) as score
    from habits
    inner join rules
        on
            rules.rule_code = 'threshold_bunching'
            and habits.below_count >= rules.minimum_count
            and habits.below_count > rules.threshold * habits.above_count

),

final as (

    select
        claims.claim_key,
        'impossible_day' as rule_code,
        claims.amount_at_stake,
        impossible_days.score,
        impossible_days.peer_count
    from claims
    inner join impossible_days
        on
            claims.provider_id = impossible_days.provider_id
            and claims.claim_date = impossible_days.claim_date
    union all
    select
        claims.claim_key,
        'round_amounts' as rule_code,
        claims.amount_at_stake,
        rounders.score,
        rounders.peer_count
    from claims
    inner join rounders on claims.provider_id = rounders.provider_id
    where claims.is_round
    union all
    select
        claims.claim_key,
        'threshold_bunching' as rule_code,
        claims.amount_at_stake,
        bunchers.score,
        bunchers.peer_count
    from claims
    inner join bunchers on claims.provider_id = bunchers.provider_id
    where claims.is_just_below

)

select * from final
