-- grain: one row per header row's segment that names the columns of a table, and of which kind
with segments as (

    select * from {{ ref('int_workbooks__header_segments') }}

),

candidates as (

    select * from {{ ref('int_workbooks__header_candidates') }}

),

sizes as (

    select
        _source_file,
        _source_sheet,
        _source_row as header_row,
        segment_number,
        min(column_number) as first_column,
        max(last_column_number) as last_column,
        min(first_named_column) as first_named_column,
        max(last_named_column) as last_named_column,
        sum(case
            when column_number between first_named_column and last_named_column then 1
            else 0
        end) as cell_count,
        sum(case
            when
                value_type = 'text'
                or column_number not between first_named_column and last_named_column
                then 0
            else 1
        end) as value_count
    from segments
    group by _source_file, _source_sheet, _source_row, segment_number

),

kinds as (

    select
        segments._source_file,
        segments._source_sheet,
        segments._source_row as header_row,
        segments.segment_number,
        candidates.table_kind,
        count(distinct candidates.field) as field_count,
        max(
            case
                when
                    candidates.field in ('growth_level', 'summary', 'case_worker_action')
                    then 1
                else 0
            end
        )
            as has_status_key,
        max(case when candidates.field = 'amount' then 1 else 0 end) as has_expense_key,
        max(case when candidates.field = 'domain' then 1 else 0 end)
        + max(case when candidates.field like 'score%' then 1 else 0 end) as assessment_keys,
        max(case when candidates.field = 'date' then 1 else 0 end) as has_date,
        sum(case when candidates.is_exact then 1 else 0 end) as exact_count
    from segments
    inner join candidates
        on
            segments._source_file = candidates._source_file
            and segments._source_sheet = candidates._source_sheet
            and segments._source_row = candidates._source_row
            and segments.column_number = candidates.column_number
    group by
        segments._source_file, segments._source_sheet, segments._source_row,
        segments.segment_number, candidates.table_kind

),

ranked as (

    select
        sizes.*,
        kinds.table_kind,
        kinds.field_count,
        row_number() over (
            partition by
                sizes._source_file, sizes._source_sheet, sizes.header_row, sizes.segment_number
            order by kinds.field_count desc, kinds.table_kind desc
        ) as kind_rank
    from sizes
    inner join kinds
        on
            sizes._source_file = kinds._source_file
            and sizes._source_sheet = kinds._source_sheet
            and sizes.header_row = kinds.header_row
            and sizes.segment_number = kinds.segment_number
    where
        (sizes.value_count = 0 or kinds.table_kind = 'assessment')
        and kinds.exact_count >= 2
        and kinds.field_count * 2 >= sizes.cell_count
        and (
            (kinds.table_kind = 'status' and kinds.has_status_key = 1 and kinds.field_count >= 3)
            or (
                kinds.table_kind = 'expense'
                and kinds.has_expense_key = 1
                and kinds.field_count >= 3
            )
            or (
                kinds.table_kind in ('status', 'expense')
                and kinds.has_date = 1
                and kinds.has_status_key + kinds.has_expense_key >= 1
                and kinds.field_count = sizes.cell_count
            )
            or (kinds.table_kind = 'assessment' and kinds.assessment_keys = 2)
        )

),

final as (

    select * from ranked
    where kind_rank = 1

)

select * from final
