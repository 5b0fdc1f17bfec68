-- grain: one row per block of a table written as a form: label in one cell, value in the next
with cells as (

    select * from {{ ref('int_notes__cells') }}

),

table_rows as (

    select * from {{ ref('int_notes__table_rows') }}
    where layout = 'form'

),

columns as (

    -- where labels stand; a short text there with a cell beside it is a label that no seed knows
    select
        cells._source_file,
        cells.table_number,
        cells.column_number,
        count(*) as label_count
    from cells
    where cells.may_be_label
    group by cells._source_file, cells.table_number, cells.column_number

),

labelled as (

    select
        cells.*,
        table_rows.cell_count,
        table_rows.is_row_of_dates,
        cells.own_role is not null
        or (
            columns.column_number is not null
            and cells.column_number = cells.first_column_number
            and table_rows.cell_count >= 2
            and cells.note_date is null
            and length(cells.text) <= 40
        ) as is_named
    from cells
    inner join table_rows
        on
            cells._source_file = table_rows._source_file
            and cells.table_number = table_rows.table_number
            and cells.row_number = table_rows.row_number
    left join columns
        on
            cells._source_file = columns._source_file
            and cells.table_number = columns.table_number
            and cells.column_number = columns.column_number

),

named as (

    select
        *,
        case when is_named then coalesce(own_role, 'other') end as named_role,
        case when is_inline then coalesce(inline_label, 'date') else label end as name_label,
        count(case when is_named then 1 end) over (
            partition by _source_file, table_number
            order by block_number rows unbounded preceding
        ) as name_number
    from labelled

),

valued as (

    select
        *,
        max(named_role) over (partition by _source_file, table_number, name_number) as role,
        max(case when is_named then column_number end) over (
            partition by _source_file, table_number, name_number
        ) as name_column_number,
        max(case when is_named then row_number end) over (
            partition by _source_file, table_number, name_number
        ) as name_row_number,
        case when is_named then row_number() over (
            partition by _source_file, table_number, is_named, name_label order by block_number
        ) end as name_occurrence,
        case when is_named then count(*) over (
            partition by _source_file, table_number, is_named, name_label
        ) end as name_count,
        sum(case when named_role = 'date' then 1 else 0 end) over (
            partition by _source_file, table_number
        ) as date_name_count,
        first_value(case when is_named then name_label end) over (
            partition by _source_file, table_number
            order by
                case when own_role in ('date', 'worker', 'text') then 0 else 1 end, block_number
        ) as leading_label
    from named

),

numbered as (

    -- the same label as often as there are dates: its first time belongs to the first date
    select
        *,
        count(case when is_named and name_label = leading_label then 1 end) over (
            partition by _source_file, table_number
            order by block_number rows unbounded preceding
        ) as leading_number,
        max(case when name_count = date_name_count then name_occurrence end) over (
            partition by _source_file, table_number, name_number
        ) as paired_number,
        max(case when is_row_of_dates then 1 else 0 end) over (
            partition by _source_file, table_number
        ) = 1 as is_by_column,
        is_inline
        or (
            not is_named
            and row_number = name_row_number
            and column_number = name_column_number + 1
        ) as is_beside_name
    from valued

),

final as (

    -- several dates beside one label: each column is an entry
    select
        _source_file,
        block_number,
        role,
        is_named and coalesce(own_role, 'other') in ('date', 'worker', 'text') and not is_inline
            as is_label,
        is_named and not is_inline and coalesce(own_role, 'other') = 'other' as is_other_label,
        is_inline,
        role = 'worker'
        and (is_beside_name or (is_by_column and not is_named and row_number = name_row_number))
            as is_worker,
        case
            when role = 'date' and (is_beside_name or is_by_column or row_number > name_row_number)
                then note_date
        end as form_date,
        date_name_count > 0 as has_date_label,
        max(case when role = 'text' then 1 else 0 end) over (
            partition by _source_file, table_number
        ) = 1 as has_text_label,
        case
            when date_name_count = 0 then null
            when is_by_column then case when not is_named then 100000 + column_number end
            when name_number > 0
                then nullif(coalesce(paired_number, greatest(leading_number, 1)), 0)
        end as form_entry_number
    from numbered

)

select * from final
