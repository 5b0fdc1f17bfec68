-- Fails with each pair of sums that should be one and the same.
with claim_rows as (

    select
        count(*) as row_count,
        coalesce(sum(amount), 0) as amount
    from {{ ref('int_claims__claim_rows') }}
    where rejection_reason is null

),

uncounted as (

    select
        coalesce(sum(superseded_rows + duplicate_rows), 0) as row_count,
        coalesce(sum(superseded_amount + duplicate_amount), 0) as amount
    from {{ ref('int_claims__file_accounting') }}

),

lines as (

    select
        count(*) as line_count,
        coalesce(sum(amount), 0) as amount,
        coalesce(sum(paid_amount), 0) as paid_amount
    from {{ ref('claims__fact_claim_lines') }}

),

facts as (

    select
        count(*) as claim_count,
        coalesce(sum(line_count), 0) as line_count,
        coalesce(sum(amount), 0) as amount,
        coalesce(sum(paid_amount), 0) as paid_amount,
        coalesce(sum(case when is_decided then paid_amount else 0 end), 0) as decided_paid_amount,
        coalesce(sum(case when status = 'PAID' then 1 else 0 end), 0) as paid_claim_count,
        coalesce(sum(case when provider_id is null then 0 else paid_amount end), 0)
            as provided_paid_amount
    from {{ ref('claims__fact_claims') }}

),

compared as (

    select
        'rows kept that count, and lines' as comparison,
        claim_rows.row_count - uncounted.row_count as expected,
        lines.line_count as actual
    from claim_rows
    cross join uncounted
    cross join lines
    union all
    select
        'amount of rows kept that count, and of facts' as comparison,
        claim_rows.amount - uncounted.amount as expected,
        facts.amount as actual
    from claim_rows
    cross join uncounted
    cross join facts
    union all
    select
        'lines, and lines of the facts' as comparison,
        lines.line_count as expected,
        facts.line_count as actual
    from lines
    cross join facts
    union all
    select
        'paid by line and by fact' as comparison,
        lines.paid_amount as expected,
        facts.paid_amount as actual
    from lines
    cross join facts
    union all
    select
        'paid by fact and by member and day' as comparison,
        facts.paid_amount as expected,
        (select coalesce(sum(paid_amount), 0) from {{ ref('claims__member_claims_daily') }})
            as actual
    from facts
    union all
    select
        'claims by fact and by member and day' as comparison,
        facts.claim_count as expected,
        (select coalesce(sum(claim_count), 0) from {{ ref('claims__member_claims_daily') }})
            as actual
    from facts
    union all
    select
        'paid by fact and by month' as comparison,
        facts.paid_amount as expected,
        (select coalesce(sum(paid_amount), 0) from {{ ref('claims__pmpm_monthly') }}) as actual
    from facts
    union all
    select
        'paid by fact and by provider' as comparison,
        facts.provided_paid_amount as expected,
        (select coalesce(sum(paid_amount), 0) from {{ ref('claims__provider_performance') }})
            as actual
    from facts
    union all
    select
        'decided paid by fact and in the triangle' as comparison,
        facts.decided_paid_amount as expected,
        (select coalesce(sum(paid_amount), 0) from {{ ref('claims__lag_triangle') }}) as actual
    from facts
    union all
    select
        'claims by fact and current statuses' as comparison,
        facts.claim_count as expected,
        (
            select count(*) from {{ ref('claims__claim_status_history') }}
            where is_current
        ) as actual
    from facts
    union all
    select
        'paid claims by fact and by current status' as comparison,
        facts.paid_claim_count as expected,
        (
            select count(*) from {{ ref('claims__claim_status_history') }}
            where is_current and status = 'PAID'
        ) as actual
    from facts
    union all
    select
        'claims flagged and claims listed' as comparison,
        (select coalesce(sum(claim_count), 0) from {{ ref('claims__review_rule_hits') }})
            as expected,
        (select coalesce(sum(reason_count), 0) from {{ ref('claims__review_list') }})
        + (select coalesce(sum(claim_count), 0) from {{ ref('claims__provider_review_list') }})
            as actual
    union all
    select
        'claims by fact and by ' || dimension as comparison,
        max(facts.claim_count) as expected,
        sum(kpis.claim_count) as actual
    from {{ ref('claims__cost_and_denial') }} as kpis
    cross join facts
    group by dimension
    union all
    select
        'claims by payer and by payer and ' || dimension as comparison,
        max(facts.claim_count) as expected,
        sum(kpis.claim_count) as actual
    from {{ ref('claims__payer_performance') }} as kpis
    cross join facts
    group by dimension
    union all
    select
        'claims by fact and by month and ' || dimension as comparison,
        max(facts.claim_count) as expected,
        sum(costs.claim_count) as actual
    from {{ ref('claims__pmpm_by_dimension_monthly') }} as costs
    cross join facts
    group by dimension
    union all
    select
        'paid by fact and by ' || dimension as comparison,
        max(facts.paid_amount) as expected,
        sum(kpis.paid_amount) as actual
    from {{ ref('claims__cost_and_denial') }} as kpis
    cross join facts
    group by dimension

)

select * from compared
where expected is distinct from actual
