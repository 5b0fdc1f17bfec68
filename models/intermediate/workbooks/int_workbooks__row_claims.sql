-- grain: one row per thing a sheet row was taken for; priority 1 outranks the others
with classified_rows as (

    select * from {{ ref('int_workbooks__classified_rows') }}

),

entries as (

    select * from {{ ref('int_workbooks__entries') }}

),

assessment_scores as (

    select * from {{ ref('int_workbooks__assessment_scores') }}

),

tables as (

    select * from {{ ref('int_workbooks__tables') }}

),

information as (

    select * from {{ ref('int_workbooks__information') }}

),

final as (

    select
        _source_file,
        _source_sheet,
        _source_row,
        case when rejection_reason is null then 1 else 2 end as priority,
        case when rejection_reason is null then 'kept' else 'rejected' end as outcome,
        coalesce(rejection_reason, table_kind) as reason
    from entries
    union
    select
        _source_file,
        _source_sheet,
        _source_row,
        case when score is null or is_total then 3 else 1 end as priority,
        case when score is null or is_total then 'set aside' else 'kept' end as outcome,
        case when is_total then 'total' when score is null then 'not scored' else 'assessment' end
            as reason
    from assessment_scores
    union
    select
        _source_file,
        _source_sheet,
        _source_row,
        3 as priority,
        'set aside' as outcome,
        row_kind as reason
    from classified_rows
    where row_kind <> 'entry'
    union
    select
        _source_file,
        _source_sheet,
        header_row,
        4 as priority,
        'set aside' as outcome,
        'header' as reason
    from tables
    union
    select
        _source_file,
        _source_sheet,
        _source_row,
        5 as priority,
        'set aside' as outcome,
        'information' as reason
    from information

)

select * from final
