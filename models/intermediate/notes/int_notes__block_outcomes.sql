-- grain: one row per block of a Word file: what became of it
with blocks as (

    select * from {{ ref('int_notes__entry_blocks') }}

),

entries as (

    select * from {{ ref('int_notes__entries') }}

),

final as (

    select
        blocks._source_file,
        blocks.block_number,
        case
            when
                blocks.entry_number > 0 and entries.note_date is not null
                and entries.text is not null then 'kept'
            when blocks.entry_number > 0 then 'rejected'
            else 'set aside'
        end as outcome,
        case
            when blocks.entry_number > 0 and entries.note_date is null then 'the entry has no date'
            when
                blocks.entry_number > 0 and entries.text is null
                then 'the entry has a date and no text'
            when blocks.entry_number > 0 then 'case note'
            when blocks.is_label then 'header'
            when blocks.block_type not in ('paragraph', 'cell') then blocks.block_type
            else 'title'
        end as reason,
        blocks._load_id
    from blocks
    inner join entries
        on
            blocks._source_file = entries._source_file
            and blocks.entry_number = entries.entry_number

)

select * from final
