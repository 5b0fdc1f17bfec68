-- Fails when status words that nobody knows stand for too many claims or too much of their money.
-- It runs after the marts of claims, so that quality's name the words also when it fails.
-- depends_on: {{ ref('claims__cost_and_denial') }}
with claim_rows as (

    select * from {{ ref('int_claims__claim_rows') }}
    where rejection_reason is null

),

shares as (

    select
        sum(case when unmapped_status is not null then 1 else 0 end) as unmapped_count,
        count(*) as row_count,
        sum(case when unmapped_status is not null then abs(amount) end) as unmapped_amount,
        sum(abs(amount)) as amount
    from claim_rows

)

select * from shares
where
    unmapped_count > row_count * {{ var('claims_unmapped_share_limit') }}
    or unmapped_amount > amount * {{ var('claims_unmapped_share_limit') }}
