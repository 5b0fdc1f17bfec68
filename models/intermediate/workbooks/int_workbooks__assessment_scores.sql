-- grain: one row per score of an assessment table: one domain at one sitting
with cells as (

    select * from {{ ref('int_workbooks__table_cells') }}
    where table_kind = 'assessment'

),

dates as (

    select * from {{ ref('int_care__text_dates') }}

),

stated as (

    select * from {{ ref('int_workbooks__stated_dates') }}

),

markers as (

    select {{ column_pattern('label_pattern') }} as label_pattern
    from {{ ref('workbook_row_markers') }}
    where marker = 'total'
    group by label_pattern

),

stated_days as (

    -- a line such as "Assessment date: 16 July" between two sittings is no domain
    select
        _source_file,
        _source_sheet,
        _source_row
    from {{ ref('int_workbooks__information') }}
    where field = 'assessment_date'
    group by _source_file, _source_sheet, _source_row

),

domains as (

    select
        cells._source_file,
        cells._source_sheet,
        cells.table_number,
        cells._source_row,
        max(case when cells.field = 'domain' then cells.value_text end) as domain,
        max(case when cells.field = 'date' then cells.value_text end) as date_text,
        max(case when markers.label_pattern is not null then 1 else 0 end) = 1 as is_total
    from cells
    left join markers
        on
            cells.field = 'domain'
            and {{ regex_matches_column('cells.label', 'markers.label_pattern') }}
    group by cells._source_file, cells._source_sheet, cells.table_number, cells._source_row

),

scores as (

    select
        cells._source_file,
        cells._source_sheet,
        cells.table_number,
        cells._source_row,
        cells.column_number,
        domains.domain,
        domains.is_total,
        {{ iso_date('domains.date_text') }} as row_date,
        {{ iso_date('cells.header_text') }} as header_date,
        row_dates.parsed_date as row_text_date,
        header_dates.parsed_date as header_text_date,
        stated.stated_date,
        {{ try_to(regex_extract('cells.value_text', '^([0-9]+(?:[.][0-9]+)?)'), 'decimal(7, 2)') }}
            as score
    from cells
    inner join domains
        on
            cells._source_file = domains._source_file
            and cells._source_sheet = domains._source_sheet
            and cells.table_number = domains.table_number
            and cells._source_row = domains._source_row
    left join dates as row_dates on domains.date_text = row_dates.date_text
    left join dates as header_dates on cells.header_text = header_dates.date_text
    left join stated
        on
            cells._source_file = stated._source_file
            and cells._source_sheet = stated._source_sheet
            and cells.table_number = stated.table_number
    left join stated_days
        on
            cells._source_file = stated_days._source_file
            and cells._source_sheet = stated_days._source_sheet
            and cells._source_row = stated_days._source_row
    where
        cells.field like 'score%' and domains.domain is not null
        and stated_days._source_row is null

),

totals as (

    select
        _source_file,
        _source_sheet,
        table_number,
        column_number,
        max(score) as stated_total_score
    from scores
    where is_total
    group by _source_file, _source_sheet, table_number, column_number

),

final as (

    select
        scores._source_file,
        scores._source_sheet,
        scores.table_number,
        scores._source_row,
        scores.column_number,
        scores.domain,
        scores.score,
        coalesce(
            scores.row_date, scores.row_text_date, scores.header_date, scores.header_text_date,
            scores.stated_date
        ) as assessment_date,
        scores.is_total,
        totals.stated_total_score
    from scores
    left join totals
        on
            scores._source_file = totals._source_file
            and scores._source_sheet = totals._source_sheet
            and scores.table_number = totals.table_number
            and scores.column_number = totals.column_number

)

select * from final
