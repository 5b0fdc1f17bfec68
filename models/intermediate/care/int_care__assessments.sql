-- grain: one row per score that counts: known by the as-of day, in no other file as well
with scores as (

    select * from {{ ref('int_care__assessment_scores') }}

),

superseded_rows as (

    select * from {{ ref('int_care__superseded_rows') }}
    where source_name = 'workbooks'

),

source_files as (

    select * from {{ ref('int_care__source_files') }}
    where source_name = 'workbooks'

),

final as (

    select
        scores.*,
        {{ retired_by_then('source_files.source_retired_at') }} as source_retired_at
    from scores
    inner join source_files on scores._source_file = source_files._source_file
    left join superseded_rows
        on
            scores._source_file = superseded_rows._source_file
            and scores._source_sheet = superseded_rows._source_sheet
            and scores.table_number = superseded_rows.table_number
            and scores._source_row = superseded_rows._source_row
            and scores.column_number = superseded_rows.column_number
    where
        superseded_rows._source_row is null
        and {{ is_known(['scores.assessment_date'], landed='source_files._extracted_at') }}

)

select * from final
