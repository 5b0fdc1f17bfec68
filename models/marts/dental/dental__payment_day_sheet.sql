-- grain: one row per insurance check or patient payment
with claim_procedures as (

    select * from {{ ref('dental__fact_claim_procedures') }}
    where claim_payment_id is not null and is_received

),

claim_payments as (

    select * from {{ ref('stg_opendental__claim_payments') }}
    where coalesce(check_date <= {{ as_of() }}, true)

),

payments as (

    select * from {{ ref('stg_opendental__payments') }}
    where coalesce(payment_date <= {{ as_of() }}, true)

),

payment_splits as (

    select * from {{ ref('dental__fact_payment_splits') }}

),

definitions as (

    select * from {{ ref('stg_opendental__definitions') }}

),

check_sums as (

    select
        claim_payment_id,
        count(*) as line_count,
        sum(insurance_paid_amount) as amount
    from claim_procedures
    group by claim_payment_id

),

split_sums as (

    select
        payment_id,
        count(*) as line_count,
        sum(split_amount) as amount,
        sum(case when is_unearned and not is_hidden then split_amount else 0 end)
            as unearned_amount,
        sum(case when is_hidden then split_amount else 0 end) as hidden_amount
    from payment_splits
    group by payment_id

),

final as (

    select
        'insurance' as paid_by,
        claim_payments.claim_payment_id as source_id,
        claim_payments.check_date as day,
        definitions.item_name as payment_type_name,
        claim_payments.carrier_name,
        false as is_income_transfer,
        claim_payments.is_partial,
        cast(coalesce(check_sums.line_count, 0) as bigint) as line_count,
        claim_payments.check_amount as stated_amount,
        cast(coalesce(check_sums.amount, 0) as decimal(18, 2)) as amount,
        cast(0 as decimal(18, 2)) as unearned_amount,
        cast(0 as decimal(18, 2)) as hidden_amount
    from claim_payments
    left join check_sums on claim_payments.claim_payment_id = check_sums.claim_payment_id
    left join definitions
        on claim_payments.payment_type_definition_id = definitions.definition_id
    union all
    select
        'patient' as paid_by,
        payments.payment_id as source_id,
        payments.payment_date as day,
        definitions.item_name as payment_type_name,
        cast(null as {{ dbt.type_string() }}) as carrier_name,
        payments.payment_type_definition_id is null as is_income_transfer,
        false as is_partial,
        cast(coalesce(split_sums.line_count, 0) as bigint) as line_count,
        payments.payment_amount as stated_amount,
        cast(coalesce(split_sums.amount, 0) as decimal(18, 2)) as amount,
        cast(coalesce(split_sums.unearned_amount, 0) as decimal(18, 2)) as unearned_amount,
        cast(coalesce(split_sums.hidden_amount, 0) as decimal(18, 2)) as hidden_amount
    from payments
    left join split_sums on payments.payment_id = split_sums.payment_id
    left join definitions on payments.payment_type_definition_id = definitions.definition_id

)

select * from final
