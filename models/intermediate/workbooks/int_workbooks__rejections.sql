-- grain: one row per row of a table, or of a sheet without one, that could not become a fact
with entries as (

    select * from {{ ref('int_workbooks__entries') }}
    where rejection_reason is not null

),

row_outcomes as (

    select * from {{ ref('int_workbooks__row_outcomes') }}

),

sheet_treatments as (

    select * from {{ ref('int_workbooks__sheet_treatments') }}
    where treatment = 'read'

),

final as (

    select
        entries._source_file,
        entries._source_sheet,
        entries._source_row,
        entries.table_number,
        entries.rejection_reason as reason,
        row_outcomes._load_id
    from entries
    inner join sheet_treatments
        on
            entries._source_file = sheet_treatments._source_file
            and entries._source_sheet = sheet_treatments._source_sheet
    inner join row_outcomes
        on
            entries._source_file = row_outcomes._source_file
            and entries._source_sheet = row_outcomes._source_sheet
            and entries._source_row = row_outcomes._source_row
    union all
    select
        row_outcomes._source_file,
        row_outcomes._source_sheet,
        row_outcomes._source_row,
        cast(null as bigint) as table_number,
        row_outcomes.reason,
        row_outcomes._load_id
    from row_outcomes
    left join entries
        on
            row_outcomes._source_file = entries._source_file
            and row_outcomes._source_sheet = entries._source_sheet
            and row_outcomes._source_row = entries._source_row
    where row_outcomes.outcome = 'rejected' and entries._source_row is null

)

select * from final
