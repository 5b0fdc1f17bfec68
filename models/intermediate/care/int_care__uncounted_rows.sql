-- grain: one row per fact that counts nowhere: another file has it as well, or it is not known yet
with entries as (

    select * from {{ ref('int_care__entries') }}
    where rejection_reason is null

),

scores as (

    select * from {{ ref('int_care__assessment_scores') }}

),

notes as (

    select * from {{ ref('int_notes__entries') }}
    where note_date is not null and text is not null

),

documents as (

    select * from {{ ref('int_notes__documents') }}

),

source_files as (

    select * from {{ ref('int_care__source_files') }}

),

facts as (

    select
        'workbooks' as source_name,
        _source_file,
        _source_sheet,
        table_number,
        _source_row,
        0 as column_number,
        entry_date as day,
        {{ surrogate_key([
            'table_kind', 'participant_id', 'entry_date', 'summary', 'case_worker_action',
            'location_text', 'growth_text', 'notes', 'category_text', 'details', 'amount',
            'staff_member'
        ]) }} as content_key
    from entries
    union all
    select
        'workbooks' as source_name,
        _source_file,
        _source_sheet,
        table_number,
        _source_row,
        column_number,
        assessment_date as day,
        {{ surrogate_key([
            'participant_id', 'assessment_type', 'assessment_date', 'domain', 'score'
        ]) }} as content_key
    from scores
    union all
    select
        'notes' as source_name,
        notes._source_file,
        '' as _source_sheet,
        0 as table_number,
        notes.entry_number as _source_row,
        0 as column_number,
        notes.note_date as day,
        {{ surrogate_key([
            'documents.participant_id', 'notes.note_date', 'notes.worker', 'notes.text'
        ]) }} as content_key
    from notes
    inner join documents on notes._source_file = documents._source_file

),

numbered as (

    -- equal entries are counted over all files that are there, and in each that is gone
    select
        facts.*,
        source_files.source_retired_at,
        {{ is_known(['facts.day'], landed='source_files._extracted_at') }} as is_known,
        row_number() over (
            partition by
                facts.content_key,
                case
                    when source_files.source_retired_at is not null then facts._source_file
                end
            order by
                facts._source_file asc, facts._source_sheet asc, facts.table_number asc,
                facts._source_row asc, facts.column_number asc
        ) as occurrence
    from facts
    inner join source_files
        on
            facts.source_name = source_files.source_name
            and facts._source_file = source_files._source_file

),

held as (

    select
        *,
        case
            when source_retired_at is null then 0
            when row_number() over (
                partition by content_key, occurrence
                order by
                    case when source_retired_at is null then 0 else 1 end asc,
                    source_retired_at desc nulls last, _source_file asc
            ) > 1 then 1
            else 0
        end as is_held_elsewhere
    from numbered

),

shared as (

    -- a tab of which so much stands elsewhere was copied there and edited: all of it is replaced
    select
        *,
        sum(is_held_elsewhere) over (partition by source_name, _source_file, _source_sheet) * 1.0
        / count(*) over (partition by source_name, _source_file, _source_sheet) as held_share
    from held

),

final as (

    select
        source_name,
        _source_file,
        _source_sheet,
        table_number,
        _source_row,
        column_number,
        case
            when is_known then 'superseded by a later copy'
            else 'not known yet on the as-of day'
        end as reason
    from shared
    where
        not is_known
        or (
            source_retired_at is not null
            and (is_held_elsewhere = 1 or held_share >= {{ var('care_superseded_share') }})
        )

)

select * from final
