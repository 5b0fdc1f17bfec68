{{ config(meta={'domains': ['claims', 'quality']}) }}
-- Fails with each file of claims whose paid amounts are neither in a line of a mart nor told apart.
-- It runs after the accounting, so that the other sources' is built also when it fails.
-- depends_on: {{ ref('quality__amount_accounting') }}
with claims_files as (

    select * from {{ ref('int_claims__file_accounting') }}
    where has_amounts

),

claims_paid as (

    select
        _source_file,
        sum(paid_amount) as kept_paid_amount
    from {{ ref('claims__fact_claim_lines') }}
    group by _source_file

),

final as (

    select
        claims_files._source_file,
        claims_files.read_paid_amount as expected,
        coalesce(claims_paid.kept_paid_amount, 0) + claims_files.rejected_paid_amount
        + claims_files.superseded_paid_amount + claims_files.duplicate_paid_amount as actual
    from claims_files
    left join claims_paid on claims_files._source_file = claims_paid._source_file

)

select * from final
where expected <> actual
