-- grain: one row per dated entry that counts: known by the as-of day, in no other file as well
with entries as (

    select * from {{ ref('int_notes__entries') }}
    where note_date is not null and text is not null

),

documents as (

    select * from {{ ref('int_notes__documents') }}

),

{{ known_facts('entries', 'notes', {'entry_number': '_source_row'}) }},

final as (

    select
        known_entries._source_file,
        known_entries.entry_number,
        known_entries.first_block_number,
        documents.participant_id,
        known_entries.note_date,
        known_entries.is_date_carried_forward,
        known_entries.worker,
        known_entries.text,
        known_entries.source_retired_at
    from known_entries
    inner join documents on known_entries._source_file = documents._source_file

)

select * from final
