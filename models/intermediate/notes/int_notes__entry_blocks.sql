-- grain: one row per block, with the entry it opens or belongs to (0: before the first, or outside)
with lines as (

    select * from {{ ref('int_notes__lines') }}

),

dates as (

    select * from {{ ref('int_care__text_dates') }}

),

table_roles as (

    select
        _source_file,
        table_number,
        column_number,
        max(label_role) as column_role
    from lines
    where row_number = 1 and label_role is not null
    group by _source_file, table_number, column_number

),

dated as (

    select
        lines.*,
        dates.parsed_date as note_date,
        table_roles.column_role,
        lines.row_number = 1 and lines.label_role is not null and lines.table_number is not null
            as is_label
    from lines
    left join dates on lines.date_text = dates.date_text
    left join table_roles
        on
            lines._source_file = table_roles._source_file
            and lines.table_number = table_roles.table_number
            and lines.column_number = table_roles.column_number

),

counted as (

    select
        *,
        row_number() over (
            partition by _source_file, table_number, row_number order by block_number
        ) = 1 as is_first_in_row,
        count(note_date) over (partition by _source_file, table_number, row_number) as dates_in_row,
        max(note_date) over (partition by _source_file, table_number, row_number) as row_date
    from dated

),

opened as (

    select
        *,
        case
            when is_label then false
            when table_number is null or dates_in_row > 1 then note_date is not null
            when dates_in_row = 1 then is_first_in_row
            else is_first_in_row and column_role is not null
        end as is_opening,
        case
            when table_number is null or dates_in_row > 1 then note_date
            else row_date
        end as opening_date
    from counted

),

turns as (

    select
        *,
        not is_opening
        and table_number is null
        and {{ regex_matches("lower(coalesce(style_name, ''))", '^(heading|title|subtitle)') }}
            as is_heading
    from opened

),

numbered as (

    select
        *,
        count(case when is_opening or is_heading then 1 end) over (
            partition by _source_file order by block_number rows unbounded preceding
        ) as turn_number,
        count(case when is_opening then 1 end) over (
            partition by _source_file order by block_number rows unbounded preceding
        ) as opening_number
    from turns

),

placed as (

    select
        *,
        max(case when is_opening then table_number end) over (
            partition by _source_file, opening_number
        ) as opening_table_number,
        max(case when is_heading then 1 else 0 end) over (
            partition by _source_file, turn_number
        ) = 1 as is_under_heading
    from numbered

),

final as (

    select
        _source_file,
        block_number,
        block_type,
        style_name,
        table_number,
        row_number,
        column_number,
        text,
        label_role,
        column_role,
        is_label,
        is_opening,
        case when is_opening then opening_date end as opening_date,
        note_date is not null as is_date_block,
        opening_worker,
        opening_text,
        case when column_role = 'worker' and not is_label then text else worker_alone end
            as stated_worker,
        case
            when
                block_type in ('paragraph', 'cell')
                and not is_under_heading
                and (
                    opening_table_number is null
                    or table_number = opening_table_number
                    or parent_table_number is not null
                )
                then opening_number
            else 0
        end as entry_number,
        _load_id,
        _extracted_at
    from placed

)

select * from final
