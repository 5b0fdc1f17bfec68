-- grain: one row per block that stands in a table of a Word note
with lines as (

    select * from {{ ref('int_notes__lines') }}
    where table_number is not null

),

dates as (

    select * from {{ ref('int_care__text_dates') }}

),

columns as (

    -- `Date | : | 12/03/2025`: a column of nothing but marks is no column
    select
        _source_file,
        table_number,
        column_number,
        max(case when {{ regex_matches('text', '^[ :.=–—-]+$') }} then 0 else 1 end) = 0
            as is_of_marks
    from lines
    group by _source_file, table_number, column_number

),

placed_columns as (

    select
        _source_file,
        table_number,
        column_number,
        is_of_marks,
        column_number - sum(case when is_of_marks then 1 else 0 end) over (
            partition by _source_file, table_number
            order by column_number rows unbounded preceding
        ) as place
    from columns

),

dated as (

    select
        lines._source_file,
        lines.block_number,
        lines.table_number,
        lines.row_number,
        placed_columns.place as column_number,
        lines.text,
        lines.label,
        lines.label_role,
        lines.inline_label,
        lines.inline_role,
        lines.has_date_label,
        dates.parsed_date as note_date,
        lines.label_role is not null
        and count(*) over (
            partition by
                lines._source_file, lines.table_number, lines.row_number, lines.column_number
        ) = 1 as may_be_label
    from lines
    inner join placed_columns
        on
            lines._source_file = placed_columns._source_file
            and lines.table_number = placed_columns.table_number
            and lines.column_number = placed_columns.column_number
            and not placed_columns.is_of_marks
    left join dates on lines.date_text = dates.date_text

),

placed as (

    select
        *,
        min(column_number) over (partition by _source_file, table_number, row_number)
            as first_column_number,
        max(case when may_be_label then 1 else 0 end) over (
            partition by _source_file, table_number, row_number
            order by block_number rows between unbounded preceding and 1 preceding
        ) = 1 as is_after_label,
        lag(case when may_be_label then label_role end) over (
            partition by _source_file, table_number, row_number order by block_number
        ) = 'date' and note_date is not null as is_date_after_label
    from dated

),

final as (

    select
        *,
        not may_be_label and not coalesce(is_after_label, false)
        and (inline_role is not null or (has_date_label and note_date is not null)) as is_inline,
        case
            when may_be_label then label_role
            when is_after_label then null
            when inline_role is not null then inline_role
            when has_date_label and note_date is not null then 'date'
        end as own_role
    from placed

)

select * from final
