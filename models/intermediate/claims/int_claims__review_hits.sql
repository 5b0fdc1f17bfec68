-- grain: one row per claim and rule that it meets
with checks as (

    select * from {{ ref('int_claims__review_checks') }}

),

duplicates as (

    select * from {{ ref('int_claims__review_duplicates') }}

),

outliers as (

    select * from {{ ref('int_claims__review_outliers') }}

),

provider_habits as (

    select * from {{ ref('int_claims__review_providers') }}

),

found as (

    select
        claim_key,
        rule_code,
        amount_at_stake,
        cast(null as {{ type_double() }}) as score,
        cast(null as bigint) as peer_count,
        cast(null as {{ dbt.type_string() }}) as related_claim_key,
        cast(null as {{ dbt.type_string() }}) as case_label
    from checks
    union all
    select
        claim_key,
        rule_code,
        amount_at_stake,
        cast(null as {{ type_double() }}) as score,
        cast(null as bigint) as peer_count,
        related_claim_key,
        cast(null as {{ dbt.type_string() }}) as case_label
    from duplicates
    union all
    select
        claim_key,
        rule_code,
        amount_at_stake,
        score,
        peer_count,
        cast(null as {{ dbt.type_string() }}) as related_claim_key,
        cast(null as {{ dbt.type_string() }}) as case_label
    from outliers
    union all
    select
        claim_key,
        rule_code,
        amount_at_stake,
        score,
        peer_count,
        cast(null as {{ dbt.type_string() }}) as related_claim_key,
        case_label
    from provider_habits

),

rules as (

    select * from {{ ref('claim_review_rules') }}

),

final as (

    select
        found.claim_key,
        found.rule_code,
        cast(found.amount_at_stake as decimal(18, 2)) as amount_at_stake,
        cast(round(found.amount_at_stake * rules.weight, 2) as decimal(18, 2))
            as expected_value_amount,
        found.score,
        found.peer_count,
        found.related_claim_key,
        found.case_label
    from found
    inner join rules on found.rule_code = rules.rule_code

)

select * from final
