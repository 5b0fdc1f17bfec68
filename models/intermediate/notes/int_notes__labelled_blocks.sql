-- grain: one row per block of a Word note, with what its table says of it
with lines as (

    select * from {{ ref('int_notes__lines') }}

),

dates as (

    select * from {{ ref('int_care__text_dates') }}

),

table_rows as (

    select * from {{ ref('int_notes__table_rows') }}

),

form_blocks as (

    select * from {{ ref('int_notes__form_blocks') }}

),

dates_below as (

    select * from {{ ref('int_notes__dates_below') }}

),

ditto_marks as (

    select * from {{ ref('ditto_marks') }}

),

column_roles as (

    select
        lines._source_file,
        lines.table_number,
        lines.column_number,
        max(lines.label_role) as column_role
    from lines
    inner join table_rows
        on
            lines._source_file = table_rows._source_file
            and lines.table_number = table_rows.table_number
            and lines.row_number = table_rows.row_number
    where table_rows.is_header and lines.label_role is not null
    group by lines._source_file, lines.table_number, lines.column_number

),

final as (

    select
        lines.*,
        dates.parsed_date as note_date,
        table_rows.layout,
        table_rows.cell_count,
        column_roles.column_role,
        form_blocks.role as form_role,
        form_blocks.form_date,
        form_blocks.form_entry_number,
        dates_below.block_number is not null as has_date_below,
        coalesce(dates_below.is_first_label, false) as is_first_label,
        dates_below.date_below,
        coalesce(form_blocks.is_inline, false) as is_inline,
        coalesce(form_blocks.is_worker, false) as is_worker,
        coalesce(form_blocks.is_other_label, false) as is_other_label,
        coalesce(form_blocks.has_text_label, false) as has_text_label,
        coalesce(
            form_blocks.is_label,
            table_rows.is_header and lines.label_role is not null,
            lines.table_number is null
            and lines.label_role in ('date', 'text')
            and lines.text like '%:',
            false
        ) as is_label,
        ditto_marks.mark_text is not null as is_ditto
    from lines
    left join dates on lines.date_text = dates.date_text
    left join table_rows
        on
            lines._source_file = table_rows._source_file
            and lines.table_number = table_rows.table_number
            and lines.row_number = table_rows.row_number
    left join column_roles
        on
            lines._source_file = column_roles._source_file
            and lines.table_number = column_roles.table_number
            and lines.column_number = column_roles.column_number
    left join form_blocks
        on
            lines._source_file = form_blocks._source_file
            and lines.block_number = form_blocks.block_number
    left join dates_below
        on
            lines._source_file = dates_below._source_file
            and lines.block_number = dates_below.block_number
    left join ditto_marks on lower(lines.text) = lower(ditto_marks.mark_text)

)

select * from final
