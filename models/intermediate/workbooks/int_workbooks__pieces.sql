-- grain: one row per part of a cell that may hold a label, a value, or "label: value"
with cells as (

    select * from {{ ref('stg_workbooks__cells') }}

),

numbers as (

    {{ number_series(8) }}

),

pieces as (

    select
        cells._source_file,
        cells._source_sheet,
        cells._source_row,
        cells.column_number,
        numbers.number as piece_number,
        cells.value_type,
        {{ trimmed(text_part(
            regex_replace('cells.value_text', ' *[|;\\n\\r]+ *| {3,}', '|'), '|', 'numbers.number'
        )) }} as piece
    from cells
    inner join numbers
        on numbers.number = 1 or cells.value_type = 'text'
    where length(cells.value_text) <= 300

),

final as (

    select
        *,
        {{ normalize_label(regex_extract('piece', '^([^:=]{2,40}?) *(?:[:=]| [–-] )')) }}
            as label_before,
        {{ tidy_text(regex_extract('piece', '^[^:=]{2,40}? *(?:[:=]| [–-] )[ –-]*(.+)$')) }}
            as value_after,
        {{ normalize_label('piece') }} as label_alone
    from pieces
    where piece is not null

)

select * from final
