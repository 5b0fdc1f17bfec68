-- grain: one row per label and value of the information blocks around the tables
with pieces as (

    select * from {{ ref('int_workbooks__pieces') }}

),

tables as (

    select * from {{ ref('int_workbooks__tables') }}
    where table_kind in ('status', 'expense')

),

aliases as (

    {{ alias_lines('workbook_information_aliases', ['field']) }}

),

free_pieces as (

    select pieces.*
    from pieces
    left join tables
        on
            pieces._source_file = tables._source_file
            and pieces._source_sheet = tables._source_sheet
            and pieces._source_row between tables.header_row and tables.last_row
            and pieces.column_number between tables.first_column and tables.last_column
    where tables.table_number is null

),

labelled as (

    select
        free_pieces.*,
        coalesce(aliases.field, aliases_alone.field) as field,
        aliases.field is not null and free_pieces.value_after is not null as has_own_value
    from free_pieces
    left join aliases on free_pieces.label_before = aliases.label
    left join aliases as aliases_alone
        on free_pieces.value_type = 'text' and free_pieces.label_alone = aliases_alone.label

),

beside as (

    select
        *,
        lead(piece) over (
            partition by _source_file, _source_sheet, _source_row
            order by column_number, piece_number
        ) as next_piece,
        lead(value_type) over (
            partition by _source_file, _source_sheet, _source_row
            order by column_number, piece_number
        ) as next_type,
        lead(field) over (
            partition by _source_file, _source_sheet, _source_row
            order by column_number, piece_number
        ) as next_field,
        case when field is not null then lag(field) over (
            partition by _source_file, _source_sheet, _source_row
            order by column_number, piece_number
        ) end as previous_field
    from labelled

),

final as (

    -- the value stands behind the label, beside it, or, under a row of labels, below it
    select
        beside._source_file,
        beside._source_sheet,
        beside._source_row,
        beside.column_number,
        beside.piece_number,
        beside.field,
        case
            when beside.has_own_value then beside.value_after
            when beside.next_field is null and beside.next_piece is not null then beside.next_piece
            else below.piece
        end as value_text,
        case
            when beside.has_own_value then 'text'
            when beside.next_field is null and beside.next_piece is not null then beside.next_type
            else below.value_type
        end as value_type,
        coalesce(below._source_row, beside._source_row) as last_row
    from beside
    left join labelled as below
        on
            beside._source_file = below._source_file
            and beside._source_sheet = below._source_sheet
            and beside._source_row + 1 = below._source_row
            and beside.column_number = below.column_number
            and below.piece_number = 1
            and below.field is null
            and not beside.has_own_value
            and (beside.next_field is not null or beside.previous_field is not null)
            and (beside.next_field is not null or beside.next_piece is null)
    where beside.field is not null

)

select * from final
