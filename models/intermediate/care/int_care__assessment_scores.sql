-- grain: one row per score on an assessment tab that is read
with scores as (

    select * from {{ ref('int_workbooks__assessment_scores') }}

),

sheet_treatments as (

    select * from {{ ref('int_workbooks__sheet_treatments') }}

),

sheet_participants as (

    select * from {{ ref('int_care__sheet_participants') }}

),

cells as (

    select * from {{ ref('stg_workbooks__cells') }}

),

types as (

    select
        assessment_type,
        {{ column_pattern('label_pattern') }} as label_pattern
    from {{ ref('assessment_types') }}
    group by assessment_type, label_pattern

),

typed_sheets as (

    select
        cells._source_file,
        cells._source_sheet,
        min(types.assessment_type) as assessment_type
    from cells
    inner join types
        on {{ regex_matches_column(
            "cells.label || ' ' || lower(cells._source_sheet)", 'types.label_pattern'
        ) }}
    where cells._source_row <= 3 and cells.value_type = 'text'
    group by cells._source_file, cells._source_sheet

),

final as (

    select
        scores.*,
        sheet_participants.participant_id,
        coalesce(typed_sheets.assessment_type, 'Unknown') as assessment_type
    from scores
    inner join sheet_treatments
        on
            scores._source_file = sheet_treatments._source_file
            and scores._source_sheet = sheet_treatments._source_sheet
            and sheet_treatments.treatment = 'read'
    left join sheet_participants
        on
            scores._source_file = sheet_participants._source_file
            and scores._source_sheet = sheet_participants._source_sheet
    left join typed_sheets
        on
            scores._source_file = typed_sheets._source_file
            and scores._source_sheet = typed_sheets._source_sheet
    where not scores.is_total and scores.score is not null

)

select * from final
