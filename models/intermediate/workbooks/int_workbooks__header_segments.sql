-- grain: one row per non-empty cell of a possible header row; a segment per table side by side
with candidates as (

    select * from {{ ref('int_workbooks__header_candidates') }}

),

cells as (

    select
        _source_file,
        _source_sheet,
        _source_row,
        column_number,
        min(last_column_number) as last_column_number,
        min(header_text) as header_text,
        min(value_type) as value_type,
        min(field) as field,
        case when min(table_kind) = max(table_kind) then min(table_kind) end as only_kind
    from candidates
    group by _source_file, _source_sheet, _source_row, column_number

),

gaps as (

    select
        *,
        case
            when column_number > 1 + lag(last_column_number, 1, column_number) over (
                partition by _source_file, _source_sheet, _source_row order by column_number
            ) then 1 else 0
        end as is_after_gap
    from cells

),

blocks as (

    select
        *,
        sum(is_after_gap) over (
            partition by _source_file, _source_sheet, _source_row
            order by column_number rows unbounded preceding
        ) as block_number
    from gaps

),

repeats as (

    select
        *,
        case when field is not null then row_number() over (
            partition by _source_file, _source_sheet, _source_row, block_number, field
            order by column_number
        ) end as repeat_in_block,
        case
            when field = 'date' and block_number > min(block_number) over (
                partition by _source_file, _source_sheet, _source_row, field
            ) then 1 else 0
        end as is_date_met_before,
        max(case when field <> 'participant' then field end) over (
            partition by _source_file, _source_sheet, _source_row
            order by block_number range between current row and unbounded following
        ) is null as is_trailing_unknown,
        min(only_kind) over (
            partition by _source_file, _source_sheet, _source_row, block_number
        ) as block_kind,
        max(only_kind) over (
            partition by _source_file, _source_sheet, _source_row, block_number
        ) as last_block_kind,
        min(only_kind) over (
            partition by _source_file, _source_sheet, _source_row
            order by column_number rows between unbounded preceding and 1 preceding
        ) as kind_before
    from blocks

),

breaks as (

    select
        *,
        case when is_after_gap = 1 and (
            max(is_date_met_before) over (
                partition by _source_file, _source_sheet, _source_row, block_number
            ) = 1
            or block_kind <> kind_before
            or is_trailing_unknown
        ) then 1 else 0 end as starts_block_segment,
        case when field = 'date' and repeat_in_block > 1 and (
            sum(case when repeat_in_block = 2 then 1 else 0 end) over (
                partition by _source_file, _source_sheet, _source_row, block_number
            ) >= 2
            or block_kind <> last_block_kind
        ) then 1 else 0 end as starts_within_block
    from repeats

),

numbered as (

    select
        *,
        1 + sum(starts_block_segment + starts_within_block) over (
            partition by _source_file, _source_sheet, _source_row
            order by column_number rows unbounded preceding
        ) as segment_number
    from breaks

),

final as (

    select
        _source_file,
        _source_sheet,
        _source_row,
        column_number,
        last_column_number,
        header_text,
        value_type,
        segment_number,
        min(case when field is not null then column_number end) over (
            partition by _source_file, _source_sheet, _source_row, segment_number
        ) as first_named_column,
        max(case when field is not null then last_column_number end) over (
            partition by _source_file, _source_sheet, _source_row, segment_number
        ) as last_named_column
    from numbered

)

select * from final
