-- grain: one row per row of a table in a Word note, with how the table is written
with cells as (

    select * from {{ ref('int_notes__cells') }}

),

rows_of_tables as (

    select
        _source_file,
        table_number,
        row_number,
        count(distinct column_number) as cell_count,
        sum(case when may_be_label then 1 else 0 end) as label_count,
        count(note_date) as date_count,
        max(case when may_be_label and label_role in ('date', 'text') then 1 else 0 end)
            as has_main_label,
        max(case
            when may_be_label and column_number = first_column_number then 1 else 0
        end) as begins_with_label,
        max(case when is_date_after_label then 1 else 0 end) as has_labelled_date,
        max(case when is_inline and own_role = 'date' then 1 else 0 end) as has_inline_date,
        max(case when is_inline and own_role = 'text' then 1 else 0 end) as has_inline_text
    from cells
    group by _source_file, table_number, row_number

),

marked as (

    select
        *,
        label_count >= 2
        and label_count * 2 > cell_count
        and has_main_label = 1
        and date_count = 0 as is_row_of_names
    from rows_of_tables

),

counted as (

    select
        *,
        max(has_labelled_date) over (partition by _source_file, table_number) as labelled_date,
        max(case when is_row_of_names then 1 else 0 end) over (
            partition by _source_file, table_number
        ) as names,
        max(has_inline_date) over (partition by _source_file, table_number)
        + max(has_inline_text) over (partition by _source_file, table_number) as inline_roles,
        sum(case when begins_with_label = 1 and cell_count >= 2 then 1 else 0 end) over (
            partition by _source_file, table_number
        ) as labelled_rows,
        count(*) over (partition by _source_file, table_number) as row_count
    from marked

),

laid_out as (

    select
        *,
        case
            when labelled_date = 1 then 'form'
            when names = 1 then 'records'
            when labelled_rows >= 2 or inline_roles = 2 then 'form'
            when labelled_rows = 1 and row_count = 1 then 'form'
            when
                max(case when row_number = 1 and label_count > 0 then 1 else 0 end) over (
                    partition by _source_file, table_number
                ) = 1 then 'records'
            else 'running text'
        end as layout
    from counted

),

final as (

    select
        _source_file,
        table_number,
        row_number,
        cell_count,
        layout,
        date_count >= 2 and has_labelled_date = 1 and label_count + date_count = cell_count
            as is_row_of_dates,
        layout = 'records'
        and (is_row_of_names or label_count = cell_count or (names = 0 and row_number = 1))
            as is_header
    from laid_out

)

select * from final
