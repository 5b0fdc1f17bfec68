-- grain: one row per thing a sheet row was taken for; priority 1 outranks the others
with classified_rows as (

    select * from {{ ref('int_workbooks__classified_rows') }}

),

entries as (

    select * from {{ ref('int_workbooks__entries') }}

),

assessment_scores as (

    select * from {{ ref('int_workbooks__assessment_scores') }}

),

tables as (

    select * from {{ ref('int_workbooks__tables') }}

),

information as (

    select * from {{ ref('int_workbooks__information') }}

),

uncounted_rows as (

    select * from {{ ref('int_care__uncounted_rows') }}
    where source_name = 'workbooks'

),

entry_claims as (

    select
        entries._source_file,
        entries._source_sheet,
        entries._source_row,
        entries.table_kind,
        entries.rejection_reason,
        uncounted_rows.reason as uncounted_reason
    from entries
    left join uncounted_rows
        on
            entries._source_file = uncounted_rows._source_file
            and entries._source_sheet = uncounted_rows._source_sheet
            and entries.table_number = uncounted_rows.table_number
            and entries._source_row = uncounted_rows._source_row
            and uncounted_rows.column_number = 0

),

score_claims as (

    select
        scores._source_file,
        scores._source_sheet,
        scores._source_row,
        scores.score is null as is_unscored,
        scores.is_total,
        uncounted_rows.reason as uncounted_reason
    from assessment_scores as scores
    left join uncounted_rows
        on
            scores._source_file = uncounted_rows._source_file
            and scores._source_sheet = uncounted_rows._source_sheet
            and scores.table_number = uncounted_rows.table_number
            and scores._source_row = uncounted_rows._source_row
            and scores.column_number = uncounted_rows.column_number

),

final as (

    select
        _source_file,
        _source_sheet,
        _source_row,
        case
            when coalesce(rejection_reason, uncounted_reason) is null then 1 else 2
        end as priority,
        case
            when rejection_reason is not null then 'rejected'
            when uncounted_reason is not null then 'set aside'
            else 'kept'
        end as outcome,
        coalesce(uncounted_reason, rejection_reason, table_kind) as reason
    from entry_claims
    union
    select
        _source_file,
        _source_sheet,
        _source_row,
        case
            when is_unscored or is_total or uncounted_reason is not null then 3 else 1
        end as priority,
        case
            when is_unscored or is_total or uncounted_reason is not null then 'set aside'
            else 'kept'
        end as outcome,
        case
            when is_total then 'total'
            when is_unscored then 'not scored'
            else coalesce(uncounted_reason, 'assessment')
        end as reason
    from score_claims
    union
    select
        _source_file,
        _source_sheet,
        _source_row,
        3 as priority,
        'set aside' as outcome,
        row_kind as reason
    from classified_rows
    where row_kind <> 'entry'
    union
    select
        _source_file,
        _source_sheet,
        header_row,
        4 as priority,
        'set aside' as outcome,
        'header' as reason
    from tables
    union
    select
        _source_file,
        _source_sheet,
        _source_row,
        5 as priority,
        'set aside' as outcome,
        'information' as reason
    from information

)

select * from final
