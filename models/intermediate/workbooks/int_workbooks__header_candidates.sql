-- grain: one row per non-empty cell, and kind of table it may head, of a row with two known names
with cells as (

    select * from {{ ref('stg_workbooks__cells') }}

),

aliases as (

    {{ alias_lines(
        'workbook_header_aliases', ['preference'], ['table_kind', 'field', 'match']
    ) }}

),

dates as (

    select * from {{ ref('int_care__text_dates') }}

),

labels as (

    select
        *,
        {{ normalize_label(regex_replace('value_text', '[(\\[/&].*', ' ')) }} as short_label
    from cells
    where value_type = 'text' and not is_formula and length(value_text) <= 60

),

matched as (

    select
        labels._source_file,
        labels._source_sheet,
        labels._source_row,
        labels.column_number,
        aliases.table_kind,
        aliases.field,
        aliases.match = 'exact' as is_exact,
        aliases.preference,
        row_number() over (
            partition by
                labels._source_file, labels._source_sheet, labels._source_row,
                labels.column_number, aliases.table_kind
            order by aliases.preference asc, length(aliases.label) desc, aliases.field
        ) as match_rank
    from labels
    inner join aliases
        on
            (aliases.match = 'exact' and aliases.label in (labels.label, labels.short_label))
            or (
                aliases.match = 'contains'
                and length(labels.label) <= 30
                and ' ' || labels.label || ' ' like '% ' || aliases.label || ' %'
            )

),

sittings as (

    -- a sheet may give each sitting of an assessment a column, headed by its date
    select
        cells._source_file,
        cells._source_sheet,
        cells._source_row,
        cells.column_number,
        'assessment' as table_kind,
        'score ' || cells.column_number as field,
        true as is_exact,
        1 as preference
    from cells
    inner join matched
        on
            cells._source_file = matched._source_file
            and cells._source_sheet = matched._source_sheet
            and cells._source_row = matched._source_row
            and cells.column_number > matched.column_number
            and matched.field = 'domain'
            and matched.match_rank = 1
    left join dates on cells.value_text = dates.date_text
    where cells.value_type in ('date', 'datetime') or dates.parsed_date is not null

),

named as (

    select
        _source_file,
        _source_sheet,
        _source_row,
        column_number,
        table_kind,
        field,
        is_exact,
        preference
    from matched
    where match_rank = 1
    union all
    select
        _source_file,
        _source_sheet,
        _source_row,
        column_number,
        table_kind,
        field,
        is_exact,
        preference
    from sittings

),

rows_with_names as (

    select
        _source_file,
        _source_sheet,
        _source_row
    from named
    group by _source_file, _source_sheet, _source_row
    having count(distinct column_number) >= 2

),

final as (

    select
        cells._source_file,
        cells._source_sheet,
        cells._source_row,
        cells.column_number,
        cells.last_column_number,
        cells.value_text as header_text,
        cells.value_type,
        named.table_kind,
        named.field,
        coalesce(named.is_exact, false) as is_exact,
        named.preference
    from rows_with_names
    inner join cells
        on
            rows_with_names._source_file = cells._source_file
            and rows_with_names._source_sheet = cells._source_sheet
            and rows_with_names._source_row = cells._source_row
            and cells.value_text is not null
    left join named
        on
            cells._source_file = named._source_file
            and cells._source_sheet = named._source_sheet
            and cells._source_row = named._source_row
            and cells.column_number = named.column_number

)

select * from final
