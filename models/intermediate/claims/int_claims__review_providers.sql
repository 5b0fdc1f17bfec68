-- grain: one row per claim and rule that looks at a habit of its provider
with claims as (

    select
        claim_key,
        provider_id,
        claim_date,
        amount,
        case when is_open then amount else coalesce(paid_amount, 0) end as amount_at_stake,
        amount > 0 and mod(amount, 1000) = 0 as is_round
    from {{ ref('int_claims__claims') }}
    where provider_id is not null

),

rules as (

    select * from {{ ref('claim_review_rules') }}

),

lines as (

    select * from {{ ref('claim_value_buckets') }}
    where from_amount > 0

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
        sum(case when is_round then 1 else 0 end) as round_count
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

-- Amounts within 2 % of a line at which claims are looked at more closely, or paid otherwise.
near_lines as (

    select
        claims.claim_key,
        claims.provider_id,
        claims.amount_at_stake,
        lines.from_amount,
        claims.amount < lines.from_amount as is_below
    from claims
    inner join lines
        on
            claims.amount >= lines.from_amount * 0.98
            and claims.amount < lines.from_amount * 1.02

),

bunches as (

    select
        provider_id,
        from_amount,
        count(*) as peer_count,
        sum(case when is_below then 1 else 0 end) as below_count
    from near_lines
    group by provider_id, from_amount

),

bunchers as (

    select
        bunches.provider_id,
        bunches.from_amount,
        bunches.peer_count,
        cast(bunches.below_count as {{ type_double() }}) as score
    from bunches
    inner join rules
        on
            rules.rule_code = 'threshold_bunching'
            and bunches.below_count >= rules.minimum_count
            and bunches.below_count > rules.threshold * (bunches.peer_count - bunches.below_count)

),

final as (

    select
        claims.claim_key,
        'impossible_day' as rule_code,
        claims.amount_at_stake,
        impossible_days.score,
        impossible_days.peer_count,
        cast(claims.claim_date as {{ dbt.type_string() }}) as case_label
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
        rounders.peer_count,
        'all claims' as case_label
    from claims
    inner join rounders on claims.provider_id = rounders.provider_id
    where claims.is_round
    union all
    select
        near_lines.claim_key,
        'threshold_bunching' as rule_code,
        near_lines.amount_at_stake,
        bunchers.score,
        bunchers.peer_count,
        'below ' || cast(near_lines.from_amount as {{ dbt.type_string() }}) as case_label
    from near_lines
    inner join bunchers
        on
            near_lines.provider_id = bunchers.provider_id
            and near_lines.from_amount = bunchers.from_amount
    where near_lines.is_below

)

select * from final
