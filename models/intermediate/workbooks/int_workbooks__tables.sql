-- grain: one row per table: a header row's segment and the cells below it
with headers as (

    select * from {{ ref('int_workbooks__table_headers') }}

),

sheets as (

    select * from {{ ref('stg_workbooks__sheets') }}

),

bounded as (

    -- a header reaches over unnamed columns beside it, but not over those of a table begun above
    select
        headers._source_file,
        headers._source_sheet,
        headers.header_row,
        headers.segment_number,
        min(headers.table_kind) as table_kind,
        min(headers.first_column) as first_column,
        min(headers.last_column) as last_column,
        min(headers.first_named_column) as first_named_column,
        min(headers.last_named_column) as last_named_column,
        max(case when above.first_named_column < headers.first_named_column then 1 else 0 end)
            as is_taken_left,
        max(case when above.last_named_column > headers.last_named_column then 1 else 0 end)
            as is_taken_right
    from headers
    left join headers as above
        on
            headers._source_file = above._source_file
            and headers._source_sheet = above._source_sheet
            and headers.header_row > above.header_row
            and headers.first_column <= above.last_named_column
            and headers.last_column >= above.first_named_column
            and (
                headers.first_named_column > above.last_named_column
                or headers.last_named_column < above.first_named_column
            )
    group by headers._source_file, headers._source_sheet, headers.header_row, headers.segment_number

),

found as (

    select
        _source_file,
        _source_sheet,
        header_row,
        segment_number,
        table_kind,
        case when is_taken_left = 1 then first_named_column else first_column end as first_column,
        case when is_taken_right = 1 then last_named_column else last_column end as last_column
    from bounded

),

ends as (

    select
        found._source_file,
        found._source_sheet,
        found.header_row,
        found.segment_number,
        min(below.header_row) as next_header_row
    from found
    inner join found as below
        on
            found._source_file = below._source_file
            and found._source_sheet = below._source_sheet
            and found.header_row < below.header_row
            and found.first_column <= below.last_column
            and found.last_column >= below.first_column
    group by found._source_file, found._source_sheet, found.header_row, found.segment_number

),

final as (

    select
        found._source_file,
        found._source_sheet,
        row_number() over (
            partition by found._source_file, found._source_sheet
            order by found.header_row, found.first_column
        ) as table_number,
        found.table_kind,
        found.segment_number,
        found.header_row,
        coalesce(ends.next_header_row - 1, sheets.row_count) as last_row,
        found.first_column,
        found.last_column
    from found
    inner join sheets
        on
            found._source_file = sheets._source_file
            and found._source_sheet = sheets._source_sheet
    left join ends
        on
            found._source_file = ends._source_file
            and found._source_sheet = ends._source_sheet
            and found.header_row = ends.header_row
            and found.segment_number = ends.segment_number

)

select * from final
