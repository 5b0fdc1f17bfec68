-- Fails with each file whose money does not balance, and each mart whose total was not kept.
with accounting as (

    select * from {{ ref('quality__amount_accounting') }}

),

claims_files as (

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

kept as (

    select
        source || coalesce(case when source = 'opendental' then ' ' || object end, '') as mart,
        sum(kept_amount) as kept_amount
    from accounting
    group by source || coalesce(case when source = 'opendental' then ' ' || object end, '')

),

totals as (

    select
        'claims' as mart,
        sum(amount) as amount
    from {{ ref('claims__fact_claims') }}
    union all
    select
        'clinic' as mart,
        sum(amount) as amount
    from {{ ref('clinic__fact_payments') }}
    union all
    select
        'workbooks' as mart,
        sum(amount) as amount
    from {{ ref('care__fact_program_expenses') }}
    union all
    select
        'opendental paysplit' as mart,
        sum(split_amount) as amount
    from {{ ref('dental__fact_payment_splits') }}
    union all
    select
        'opendental adjustment' as mart,
        sum(adjustment_amount) as amount
    from {{ ref('dental__fact_adjustments') }}

)

select
    'read is not kept + rejected + set aside + superseded + duplicate' as finding,
    source || ' ' || object as what,
    read_amount as expected,
    kept_amount + rejected_amount + set_aside_amount + superseded_amount + duplicate_amount
        as actual
from accounting
where
    read_amount
    <> kept_amount + rejected_amount + set_aside_amount + superseded_amount + duplicate_amount
union all
select
    'paid: read is not kept + rejected + superseded + duplicate' as finding,
    claims_files._source_file as what,
    claims_files.read_paid_amount as expected,
    coalesce(claims_paid.kept_paid_amount, 0) + claims_files.rejected_paid_amount
    + claims_files.superseded_paid_amount + claims_files.duplicate_paid_amount as actual
from claims_files
left join claims_paid on claims_files._source_file = claims_paid._source_file
where
    claims_files.read_paid_amount
    <> coalesce(claims_paid.kept_paid_amount, 0) + claims_files.rejected_paid_amount
    + claims_files.superseded_paid_amount + claims_files.duplicate_paid_amount
union all
select
    'kept is not the total of the mart' as finding,
    totals.mart as what,
    totals.amount as expected,
    kept.kept_amount as actual
from totals
left join kept on totals.mart = kept.mart
where coalesce(totals.amount, 0) <> coalesce(kept.kept_amount, 0)
