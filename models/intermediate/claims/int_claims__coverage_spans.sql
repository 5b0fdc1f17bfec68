-- grain: one row per member and unbroken span of coverage
with told_spans as (

    select * from {{ ref('int_claims__told_spans') }}

),

inferred_spans as (

    select * from {{ ref('int_claims__inferred_spans') }}

),

spans as (

    select
        member_id,
        span_from,
        span_to,
        false as is_inferred
    from told_spans
    union all
    select
        member_id,
        span_from,
        span_to,
        true as is_inferred
    from inferred_spans

),

{{ claims_unbroken_spans(['member_id']) }}

select * from final
