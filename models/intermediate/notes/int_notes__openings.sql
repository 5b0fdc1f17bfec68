-- grain: one row per block of a Word note, with how it opens an entry, if it does
with blocks as (

    select * from {{ ref('int_notes__labelled_blocks') }}

),

in_rows as (

    select
        *,
        row_number() over (
            partition by _source_file, table_number, row_number order by block_number
        ) = 1 as is_first_in_row,
        first_value(text) over (
            partition by _source_file, table_number, row_number order by block_number
        ) as first_text,
        min(column_number) over (partition by _source_file, table_number, row_number)
            as first_column_number,
        min(case when note_date is not null then column_number end) over (
            partition by _source_file, table_number, row_number
        ) as first_date_column,
        max(case when column_role = 'date' then 1 else 0 end) over (
            partition by _source_file, table_number
        ) as has_date_column,
        min(case when is_label then row_number end) over (
            partition by _source_file, table_number
        ) as first_label_row,
        min(case when column_role = 'date' then note_date end) over (
            partition by _source_file, table_number, row_number
        ) as column_date,
        max(case when column_role = 'date' and not is_ditto then 1 else 0 end) over (
            partition by _source_file, table_number, row_number
        ) as has_date_cell,
        max(case
            when
                column_role = 'date' and length(text) <= 30
                and {{ regex_matches('text', '[0-9]') }} then 1
            else 0
        end) over (partition by _source_file, table_number, row_number) as has_unread_date,
        max(case when column_role is not null then 1 else 0 end) over (
            partition by _source_file, table_number, row_number
        ) as has_known_column,
        count(note_date) over (
            partition by _source_file, table_number, row_number, column_number
        ) as dates_in_cell,
        min(form_date) over (partition by _source_file, table_number, form_entry_number)
            as own_form_date,
        max(form_date) over (partition by _source_file, table_number, form_entry_number)
            as last_form_date,
        row_number() over (
            partition by _source_file, table_number, form_entry_number order by block_number
        ) = 1 as is_first_of_form
    from blocks

),

in_first_date_column as (

    select
        *,
        max(case when column_number = first_date_column then dates_in_cell end) over (
            partition by _source_file, table_number, row_number
        ) as dates_in_row,
        max(case when column_number = first_date_column then note_date end) over (
            partition by _source_file, table_number, row_number
        ) as row_date
    from in_rows

),

opened as (

    -- in a row without names above it a date after a short text is a detail: Joined | 12/03/2025
    select
        *,
        case
            when layout = 'form'
                then case
                    when form_entry_number is null or not is_first_of_form then null
                    when own_form_date = last_form_date then 'dated'
                    else 'undated'
                end
            when is_label then null
            when has_date_below
                then case
                    when not is_first_label then null
                    when date_below is not null then 'dated'
                    else 'undated'
                end
            when table_number is null
                then case
                    when note_date is not null then 'dated'
                    when is_surely_date then 'undated'
                end
            when layout = 'records' and has_date_column = 1
                then case
                    when not is_first_in_row then null
                    when column_date is not null then 'dated'
                    when has_unread_date = 1 then 'undated'
                    when
                        has_date_cell = 0 and has_known_column = 1 and row_number > first_label_row
                        then 'date above'
                end
            when
                has_date_label
                or first_date_column = first_column_number
                or cell_count >= 3
                or length(first_text) > 40
                or {{ regex_matches('first_text', '^[0-9]+[.)]?$') }}
                then case
                    when dates_in_row > 1 and note_date is null then null
                    when dates_in_row > 1 and column_number = first_date_column then 'dated'
                    when dates_in_row = 1 and is_first_in_row then 'dated'
                end
        end as opening_kind
    from in_first_date_column

),

final as (

    select
        *,
        case
            when opening_kind <> 'dated' or opening_kind is null then null
            when layout = 'form' then own_form_date
            when has_date_below then date_below
            when table_number is null or dates_in_row > 1 then note_date
            when layout = 'records' and has_date_column = 1 then column_date
            else row_date
        end as opening_date,
        note_date is not null
        and case
            when layout = 'form' then form_date is not null
            when table_number is null then true
            when layout = 'records' and has_date_column = 1
                then column_role = 'date' and note_date = column_date
            else column_number = first_date_column
        end as is_date_block
    from opened

)

select * from final
