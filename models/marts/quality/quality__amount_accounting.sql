-- grain: one row per source and file with a money column (OpenDental: per table)
{# source, mart, its column, table of the source where it is not told by file -#}
{%- set marts = [
    ('claims', 'claims__fact_claim_lines', 'amount', none),
    ('clinic', 'clinic__fact_payments', 'amount', none),
    ('workbooks', 'care__fact_program_expenses', 'amount', none),
    ('opendental', 'dental__fact_procedures', 'unit_fee_amount', 'procedurelog'),
    ('opendental', 'dental__fact_claim_procedures', 'insurance_paid_amount', 'claimproc'),
    ('opendental', 'dental__fact_payment_splits', 'split_amount', 'paysplit'),
    ('opendental', 'dental__fact_adjustments', 'adjustment_amount', 'adjustment'),
] %}
with claims_files as (

    select * from {{ ref('int_claims__file_accounting') }}
    where has_amounts

),

payment_files as (

    select * from {{ ref('int_clinic__payment_amounts') }}

),

expense_files as (

    select * from {{ ref('int_care__expense_amounts') }}

),

dental_tables as (

    select * from {{ ref('stg_opendental__table_amounts') }}
    where row_count > 0

),

dental_to_come as (

    select * from {{ ref('int_dental__amounts_to_come') }}

),

left_out as (

    select
        'claims' as source,
        _source_file as object,
        'amount' as amount_column,
        read_amount,
        rejected_amount,
        0 as set_aside_amount,
        superseded_amount,
        duplicate_amount
    from claims_files
    union all
    select
        'clinic' as source,
        _source_file as object,
        'amount' as amount_column,
        read_amount,
        rejected_amount,
        set_aside_amount,
        superseded_amount,
        0 as duplicate_amount
    from payment_files
    union all
    select
        'workbooks' as source,
        _source_file as object,
        'amount' as amount_column,
        read_amount,
        rejected_amount,
        set_aside_amount,
        superseded_amount,
        0 as duplicate_amount
    from expense_files
    union all
    select
        'opendental' as source,
        dental_tables.object,
        dental_tables.amount_column,
        dental_tables.amount as read_amount,
        0 as rejected_amount,
        dental_tables.deleted_amount + dental_to_come.amount as set_aside_amount,
        0 as superseded_amount,
        0 as duplicate_amount
    from dental_tables
    left join dental_to_come on dental_tables.object = dental_to_come.object

),

-- Kept is what stands in the mart, not what is left over.
kept as (

    {% for source, mart, amount, table in marts %}
        {{ 'union all' if not loop.first }}
        select
            '{{ source }}' as source,
            {{ "'" ~ table ~ "'" if table else '_source_file' }} as object,
            sum({{ amount }}) as kept_amount
        from {{ ref(mart) }}
        {{ 'group by _source_file' if not table }}
    {% endfor %}
),

final as (

    select
        left_out.source,
        left_out.object,
        left_out.amount_column,
        cast(left_out.read_amount as decimal(18, 2)) as read_amount,
        cast(coalesce(kept.kept_amount, 0) as decimal(18, 2)) as kept_amount,
        cast(left_out.rejected_amount as decimal(18, 2)) as rejected_amount,
        cast(left_out.set_aside_amount as decimal(18, 2)) as set_aside_amount,
        cast(left_out.superseded_amount as decimal(18, 2)) as superseded_amount,
        cast(left_out.duplicate_amount as decimal(18, 2)) as duplicate_amount
    from left_out
    left join kept on left_out.source = kept.source and left_out.object = kept.object

)

select * from final
