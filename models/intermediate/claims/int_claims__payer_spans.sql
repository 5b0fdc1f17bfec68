-- grain: one row per member, payer and unbroken span of coverage
with told_spans as (

    select * from {{ ref('int_claims__told_spans') }}
    where payer is not null

),

inferred_spans as (

    select * from {{ ref('int_claims__inferred_spans') }}
    where payer is not null

),

spans as (

    select
        member_id,
        payer,
        span_from,
        span_to,
        false as is_inferred
    from told_spans
    union all
    select
        member_id,
        payer,
        span_from,
        span_to,
        true as is_inferred
    from inferred_spans

),

{{ claims_unbroken_spans(['member_id', 'payer']) }}

select * from final
