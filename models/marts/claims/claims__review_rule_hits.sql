-- grain: one row per review rule, found or not
with rules as (

    select * from {{ ref('claim_review_rules') }}

),

flags as (

    select * from {{ ref('claims__claim_review_flags') }}

),

provider_cases as (

    select
        rule_code,
        count(*) as case_count
    from {{ ref('claims__provider_review_list') }}
    group by rule_code

),

counted as (

    select
        rule_code,
        count(*) as claim_count,
        count(distinct {{ claims_number('source_system', 'claim_id') }}) as claim_id_count,
        sum(amount_at_stake) as amount_at_stake,
        sum(expected_value_amount) as expected_value_amount
    from flags
    group by rule_code

),

final as (

    select
        rules.rule_code,
        rules.rule_name,
        rules.subject,
        rules.rationale,
        rules.weight,
        rules.threshold,
        rules.minimum_count,
        coalesce(provider_cases.case_count, counted.claim_count, 0) as case_count,
        coalesce(counted.claim_count, 0) as claim_count,
        coalesce(counted.claim_id_count, 0) as claim_id_count,
        cast(coalesce(counted.amount_at_stake, 0) as decimal(18, 2)) as amount_at_stake,
        cast(coalesce(counted.expected_value_amount, 0) as decimal(18, 2))
            as expected_value_amount
    from rules
    left join counted on rules.rule_code = counted.rule_code
    left join provider_cases on rules.rule_code = provider_cases.rule_code

)

select * from final
