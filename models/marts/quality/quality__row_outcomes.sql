-- grain: one row per row of an input that holds anything: what became of it
with workbook_rows as (

    select * from {{ ref('int_workbooks__row_outcomes') }}

),

note_blocks as (

    select * from {{ ref('int_notes__block_outcomes') }}

),

clinic_rows as (

    select * from {{ ref('int_clinic__row_outcomes') }}

),

final as (

    select
        'workbooks' as source,
        _source_file as object,
        _source_file,
        _source_sheet,
        _source_row,
        outcome,
        reason,
        _load_id as load_id
    from workbook_rows
    union all
    select
        'notes' as source,
        _source_file as object,
        _source_file,
        cast(null as {{ dbt.type_string() }}) as _source_sheet,
        block_number as _source_row,
        outcome,
        reason,
        _load_id as load_id
    from note_blocks
    union all
    select
        'clinic' as source,
        _source_file as object,
        _source_file,
        cast(null as {{ dbt.type_string() }}) as _source_sheet,
        _source_row,
        outcome,
        reason,
        _load_id as load_id
    from clinic_rows

)

select * from final
