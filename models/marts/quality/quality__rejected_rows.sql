-- grain: one row per row of an input, and table it stands in, that could not become a fact
with workbook_rejections as (

    select * from {{ ref('int_workbooks__rejections') }}

),

note_blocks as (

    select * from {{ ref('int_notes__block_outcomes') }}
    where outcome = 'rejected'

),

sheets as (

    select * from {{ ref('stg_workbooks__sheets') }}
    where problem is not null

),

empty_notes as (

    select * from {{ ref('stg_landing__loads') }}
    where source = 'notes' and is_newest and outcome = 'landed' and row_count = 0

),

clinic_rows as (

    select * from {{ ref('int_clinic__row_outcomes') }}
    where outcome = 'rejected'

),

claims_rows as (

    select * from {{ ref('int_claims__row_outcomes') }}
    where outcome = 'rejected'

),

final as (

    select
        'workbooks' as source,
        _source_file as object,
        _source_file,
        _source_sheet,
        _source_row,
        cast(table_number as integer) as table_number,
        reason,
        _load_id as load_id
    from workbook_rejections
    union all
    select
        'notes' as source,
        _source_file as object,
        _source_file,
        cast(null as {{ dbt.type_string() }}) as _source_sheet,
        block_number as _source_row,
        cast(null as integer) as table_number,
        reason,
        _load_id as load_id
    from note_blocks
    union all
    select
        'workbooks' as source,
        _source_file as object,
        _source_file,
        _source_sheet,
        cast(null as integer) as _source_row,
        cast(null as integer) as table_number,
        problem as reason,
        _load_id as load_id
    from sheets
    union all
    select
        'notes' as source,
        object,
        object as _source_file,
        cast(null as {{ dbt.type_string() }}) as _source_sheet,
        cast(null as integer) as _source_row,
        cast(null as integer) as table_number,
        'the document holds no text' as reason,
        load_id
    from empty_notes
    union all
    select
        'clinic' as source,
        _source_file as object,
        _source_file,
        cast(null as {{ dbt.type_string() }}) as _source_sheet,
        _source_row,
        cast(null as integer) as table_number,
        reason,
        _load_id as load_id
    from clinic_rows
    union all
    select
        'claims' as source,
        _source_file as object,
        _source_file,
        cast(null as {{ dbt.type_string() }}) as _source_sheet,
        cast(_source_row as integer) as _source_row,
        cast(null as integer) as table_number,
        reason,
        _load_id as load_id
    from claims_rows

)

select * from final
