-- Fails with each fact whose rows are not those of the table it decodes.
{%- set pairs = [
    ('stg_opendental__procedures', 'dental__fact_procedures'),
    ('stg_opendental__claim_procedures', 'dental__fact_claim_procedures'),
    ('stg_opendental__claims', 'dental__fact_claims'),
    ('stg_opendental__payment_splits', 'dental__fact_payment_splits'),
    ('stg_opendental__adjustments', 'dental__fact_adjustments'),
] %}
with counted as (

    {% for staged, fact in pairs %}
        select
            '{{ fact }}' as fact,
            staged.row_count as staged_count,
            facts.row_count as fact_count
        from (select count(*) as row_count from {{ ref(staged) }}) as staged
        cross join (select count(*) as row_count from {{ ref(fact) }}) as facts
        union all
    {% endfor %}
    select
        'dental__fact_ledger, split by split' as fact,
        splits.row_count as staged_count,
        ledger.row_count as fact_count
    from
        (
            select count(*) as row_count from {{ ref('stg_opendental__payment_splits') }}
            where split_amount <> 0
        ) as splits
    cross join
        (
            select count(*) as row_count from {{ ref('dental__fact_ledger') }}
            where transaction_kind = 'patient_payment'
        ) as ledger

)

select * from counted
where staged_count <> fact_count
