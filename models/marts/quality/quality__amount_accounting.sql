-- grain: one row per source and file with a money column (OpenDental: per table)
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

    select * from {{ ref('int_dental__table_amounts') }}
    where kept_count > 0 or read_amount <> 0

),

counted as (

    select
        'claims' as source,
        _source_file as object,
        'amount' as amount_column,
        read_amount,
        kept_amount,
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
        kept_amount,
        rejected_amount,
        0 as set_aside_amount,
        superseded_amount,
        0 as duplicate_amount
    from payment_files
    union all
    select
        'workbooks' as source,
        _source_file as object,
        'amount' as amount_column,
        read_amount,
        kept_amount,
        rejected_amount,
        set_aside_amount,
        0 as superseded_amount,
        0 as duplicate_amount
    from expense_files
    union all
    select
        'opendental' as source,
        object,
        amount_column,
        read_amount,
        kept_amount,
        0 as rejected_amount,
        set_aside_amount,
        0 as superseded_amount,
        0 as duplicate_amount
    from dental_tables

),

final as (

    select
        source,
        object,
        amount_column,
        cast(read_amount as decimal(18, 2)) as read_amount,
        cast(kept_amount as decimal(18, 2)) as kept_amount,
        cast(rejected_amount as decimal(18, 2)) as rejected_amount,
        cast(set_aside_amount as decimal(18, 2)) as set_aside_amount,
        cast(superseded_amount as decimal(18, 2)) as superseded_amount,
        cast(duplicate_amount as decimal(18, 2)) as duplicate_amount
    from counted

)

select * from final
