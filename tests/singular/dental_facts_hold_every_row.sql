-- Fails with each fact whose rows are not those of the table it decodes, as far as they were known
-- on the as-of day; where none is set, all of them.
{%- set pairs = [
    (
        'stg_opendental__procedures', 'dental__fact_procedures',
        is_known(['created_at', 'treatment_planned_date', 'procedure_date', 'entry_date'])
    ),
    (
        'stg_opendental__claim_procedures', 'dental__fact_claim_procedures',
        is_known(['created_date', 'service_date']) ~ ' and (claim_procedure_status_code <> 4 or '
        ~ is_known(['entry_date', 'payment_date']) ~ ')'
    ),
    (
        'stg_opendental__claims', 'dental__fact_claims', is_known(['entry_date', 'service_date'])
    ),
    (
        'stg_opendental__payment_splits', 'dental__fact_payment_splits',
        is_known(['entry_date', 'payment_date'])
    ),
    (
        'stg_opendental__adjustments', 'dental__fact_adjustments',
        is_known(['entry_date', 'adjustment_date'])
    ),
] %}
with counted as (

    {% for staged, fact, is_known_then in pairs %}
        select
            '{{ fact }}' as fact,
            staged.row_count as staged_count,
            facts.row_count as fact_count
        from
            (
                select count(*) as row_count from {{ ref(staged) }}
                where {{ is_known_then }}
            ) as staged
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
            where split_amount <> 0 and {{ is_known(['entry_date', 'payment_date']) }}
        ) as splits
    cross join
        (
            select count(*) as row_count from {{ ref('dental__fact_ledger') }}
            where transaction_kind = 'patient_payment'
        ) as ledger

)

select * from counted
where staged_count <> fact_count
