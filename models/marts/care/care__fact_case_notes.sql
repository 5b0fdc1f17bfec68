-- grain: one row per dated entry of a Word case note
with entries as (

    select * from {{ ref('int_notes__entries') }}

),

documents as (

    select * from {{ ref('int_notes__documents') }}

),

final as (

    select
        {{ surrogate_key(['entries._source_file', 'entries.entry_number']) }} as case_note_key,
        documents.participant_id,
        entries.note_date,
        entries.is_date_carried_forward,
        entries.worker,
        entries.text,
        entries._source_file,
        entries.entry_number,
        entries.first_block_number as _source_block
    from entries
    inner join documents on entries._source_file = documents._source_file
    where entries.note_date is not null and entries.text is not null

)

select * from final
