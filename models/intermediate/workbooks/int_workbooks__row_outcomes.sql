-- grain: one row per sheet row that holds any cell: what became of it
with cells as (

    select * from {{ ref('stg_workbooks__cells') }}

),

sheet_treatments as (

    select * from {{ ref('int_workbooks__sheet_treatments') }}

),

tables as (

    select * from {{ ref('int_workbooks__tables') }}

),

claims as (

    select * from {{ ref('int_workbooks__row_claims') }}

),

best_claims as (

    select
        *,
        row_number() over (
            partition by _source_file, _source_sheet, _source_row order by priority, outcome, reason
        ) as claim_rank
    from claims

),

sheet_rows as (

    select
        _source_file,
        _source_sheet,
        _source_row,
        max(case when value_text is not null or is_formula then 1 else 0 end) = 1 as has_content,
        min(_load_id) as _load_id
    from cells
    group by _source_file, _source_sheet, _source_row

),

sheet_tables as (

    select
        _source_file,
        _source_sheet,
        min(header_row) as first_header_row
    from tables
    group by _source_file, _source_sheet

),

final as (

    select
        sheet_rows._source_file,
        sheet_rows._source_sheet,
        sheet_rows._source_row,
        case
            when sheet_treatments.treatment = 'set_aside' then 'set aside'
            when best_claims.outcome is not null then best_claims.outcome
            when not sheet_rows.has_content or sheet_tables.first_header_row is not null
                then 'set aside'
            else 'rejected'
        end as outcome,
        case
            when sheet_treatments.treatment = 'set_aside' then 'hidden tab'
            when best_claims.reason is not null then best_claims.reason
            when not sheet_rows.has_content then 'blank'
            when sheet_rows._source_row < sheet_tables.first_header_row then 'title'
            when sheet_tables.first_header_row is not null then 'beside a table'
            else 'the sheet has no header row that workbook_header_aliases knows'
        end as reason,
        sheet_rows._load_id
    from sheet_rows
    inner join sheet_treatments
        on
            sheet_rows._source_file = sheet_treatments._source_file
            and sheet_rows._source_sheet = sheet_treatments._source_sheet
    left join best_claims
        on
            sheet_rows._source_file = best_claims._source_file
            and sheet_rows._source_sheet = best_claims._source_sheet
            and sheet_rows._source_row = best_claims._source_row
            and best_claims.claim_rank = 1
    left join sheet_tables
        on
            sheet_rows._source_file = sheet_tables._source_file
            and sheet_rows._source_sheet = sheet_tables._source_sheet

)

select * from final
