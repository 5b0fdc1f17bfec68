-- grain: one row per non-empty cell below a table's header, and row that it is merged over
with tables as (

    select * from {{ ref('int_workbooks__tables') }}

),

columns as (

    select * from {{ ref('int_workbooks__table_columns') }}

),

cells as (

    select * from {{ ref('stg_workbooks__cells') }}

),

ditto_marks as (

    select * from {{ ref('ditto_marks') }}

),

placed as (

    select
        cells._source_file,
        cells._source_sheet,
        tables.table_number,
        cells._source_row,
        cells._last_source_row,
        cells.column_number,
        cells.last_column_number,
        tables.table_kind,
        columns.field,
        columns.header_text,
        columns.header_type,
        cells.value_text,
        cells.label,
        cells.value_type,
        cells.is_formula,
        ditto_marks.mark_text is not null as is_ditto,
        count(case when ditto_marks.mark_text is null then 1 end) over (
            partition by
                cells._source_file, cells._source_sheet, tables.table_number, cells.column_number
            order by cells._source_row rows unbounded preceding
        ) as value_run
    from tables
    inner join cells
        on
            tables._source_file = cells._source_file
            and tables._source_sheet = cells._source_sheet
            and tables.header_row < cells._source_row
            and tables.last_row >= cells._source_row
            and cells.column_number between tables.first_column and tables.last_column
            and (cells.value_text is not null or cells.is_formula)
    left join columns
        on
            tables._source_file = columns._source_file
            and tables._source_sheet = columns._source_sheet
            and tables.table_number = columns.table_number
            and cells.column_number between columns.column_number and columns.last_column_number
    left join ditto_marks
        on
            columns.field in ('date', 'location', 'program_category', 'staff_member', 'participant')
            and lower(cells.value_text) = lower(ditto_marks.mark_text)

),

held_rows as (

    select
        _source_file,
        _source_sheet,
        table_number,
        _source_row
    from placed
    group by _source_file, _source_sheet, table_number, _source_row

),

final as (

    select
        _source_file,
        _source_sheet,
        table_number,
        _source_row,
        column_number,
        last_column_number,
        table_kind,
        field,
        header_text,
        header_type,
        -- ditto is the text above; for a date it is a blank, which is carried forward and flagged
        case
            when not is_ditto then value_text
            when field <> 'date' then max(case when not is_ditto then value_text end) over (
                partition by _source_file, _source_sheet, table_number, column_number, value_run
            )
        end as value_text,
        label,
        value_type,
        is_formula,
        is_ditto,
        false as is_repeated
    from placed
    union all
    -- a date, a place or a name merged down several rows holds for each of them
    select
        placed._source_file,
        placed._source_sheet,
        placed.table_number,
        held_rows._source_row,
        placed.column_number,
        placed.last_column_number,
        placed.table_kind,
        placed.field,
        placed.header_text,
        placed.header_type,
        placed.value_text,
        placed.label,
        placed.value_type,
        placed.is_formula,
        placed.is_ditto,
        true as is_repeated
    from placed
    inner join held_rows
        on
            placed._source_file = held_rows._source_file
            and placed._source_sheet = held_rows._source_sheet
            and placed.table_number = held_rows.table_number
            and placed._source_row < held_rows._source_row
            and placed._last_source_row >= held_rows._source_row
    where placed.field in ('date', 'location', 'program_category', 'staff_member', 'participant')

)

select * from final
