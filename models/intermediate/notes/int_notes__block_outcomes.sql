-- grain: one row per block of a Word file: what became of it
with blocks as (

    select
        *,
        max(entry_number) over (partition by _source_file) > 0 as has_entries
    from {{ ref('int_notes__entry_blocks') }}

),

entries as (

    select * from {{ ref('int_notes__entries') }}

),

uncounted_rows as (

    select * from {{ ref('int_care__uncounted_rows') }}
    where source_name = 'notes'

),

reasoned as (

    select
        blocks.*,
        uncounted_rows.reason as uncounted_reason,
        case
            when blocks.block_type not in ('paragraph', 'cell') then null
            when blocks.entry_number > 0 and entries.note_date is null
                then 'the entry has no date that can be read'
            when blocks.entry_number > 0 and entries.text is null
                then 'the entry has a date and no text'
            when blocks.entry_number > 0 or blocks.is_label then null
            when not blocks.has_entries then 'the document has no date that begins an entry'
            when blocks.layout = 'form' and blocks.form_role = 'text'
                then 'the entry has no date that can be read'
        end as rejection_reason
    from blocks
    inner join entries
        on
            blocks._source_file = entries._source_file
            and blocks.entry_number = entries.entry_number
    left join uncounted_rows
        on
            blocks._source_file = uncounted_rows._source_file
            and blocks.entry_number = uncounted_rows._source_row

),

final as (

    select
        _source_file,
        block_number,
        case
            when rejection_reason is not null then 'rejected'
            when uncounted_reason is not null then 'set aside'
            when entry_number > 0 then 'kept'
            else 'set aside'
        end as outcome,
        case
            when rejection_reason is not null then rejection_reason
            when uncounted_reason is not null then uncounted_reason
            when entry_number > 0 then 'case note'
            when is_label then 'header'
            when block_type not in ('paragraph', 'cell') then block_type
            else 'title'
        end as reason,
        _load_id
    from reasoned

)

select * from final
