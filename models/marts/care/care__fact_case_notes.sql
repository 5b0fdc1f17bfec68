-- grain: one row per dated entry of a Word case note
with case_notes as (

    select * from {{ ref('int_care__case_notes') }}

),

final as (

    select
        {{ surrogate_key(['_source_file', 'entry_number']) }} as case_note_key,
        participant_id,
        note_date,
        is_date_carried_forward,
        worker,
        text,
        source_retired_at,
        _source_file,
        entry_number,
        first_block_number as _source_block
    from case_notes

)

select * from final
