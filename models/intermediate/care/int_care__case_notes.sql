-- grain: one row per dated entry that counts: known by the as-of day, in no other file as well
with entries as (

    select * from {{ ref('int_notes__entries') }}
    where note_date is not null and text is not null

),

documents as (

    select * from {{ ref('int_notes__documents') }}

),

superseded_rows as (

    select * from {{ ref('int_care__superseded_rows') }}
    where source_name = 'notes'

),

source_files as (

    select * from {{ ref('int_care__source_files') }}
    where source_name = 'notes'

),

final as (

    select
        entries._source_file,
        entries.entry_number,
        entries.first_block_number,
        documents.participant_id,
        entries.note_date,
        entries.is_date_carried_forward,
        entries.worker,
        entries.text,
        {{ retired_by_then('source_files.source_retired_at') }} as source_retired_at
    from entries
    inner join documents on entries._source_file = documents._source_file
    inner join source_files on entries._source_file = source_files._source_file
    left join superseded_rows
        on
            entries._source_file = superseded_rows._source_file
            and entries.entry_number = superseded_rows._source_row
    where
        superseded_rows._source_row is null
        and {{ is_known(['entries.note_date'], landed='source_files._extracted_at') }}

)

select * from final
