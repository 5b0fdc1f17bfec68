-- grain: one row per named column of a table
with tables as (

    select * from {{ ref('int_workbooks__tables') }}

),

segments as (

    select * from {{ ref('int_workbooks__header_segments') }}

),

candidates as (

    select * from {{ ref('int_workbooks__header_candidates') }}

),

named as (

    select
        tables._source_file,
        tables._source_sheet,
        tables.table_number,
        tables.table_kind,
        segments.column_number,
        segments.last_column_number,
        segments.header_text,
        segments.value_type as header_type,
        candidates.field,
        row_number() over (
            partition by
                tables._source_file, tables._source_sheet, tables.table_number, candidates.field
            order by candidates.preference, segments.column_number
        ) as field_rank
    from tables
    inner join segments
        on
            tables._source_file = segments._source_file
            and tables._source_sheet = segments._source_sheet
            and tables.header_row = segments._source_row
            and tables.segment_number = segments.segment_number
            and segments.column_number between tables.first_column and tables.last_column
    left join candidates
        on
            segments._source_file = candidates._source_file
            and segments._source_sheet = candidates._source_sheet
            and segments._source_row = candidates._source_row
            and segments.column_number = candidates.column_number
            and tables.table_kind = candidates.table_kind

),

final as (

    select
        _source_file,
        _source_sheet,
        table_number,
        table_kind,
        column_number,
        last_column_number,
        header_text,
        header_type,
        case when field_rank = 1 then field end as field
    from named

)

select * from final
