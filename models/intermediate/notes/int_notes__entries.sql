-- grain: one row per entry of a case note; entry 0 is what stands before the first or outside all
with blocks as (

    select * from {{ ref('int_notes__entry_blocks') }}

),

entries as (

    select
        _source_file,
        entry_number,
        min(block_number) as first_block_number,
        max(opening_date) as own_date,
        coalesce(max(opening_worker), max(stated_worker)) as worker,
        {{ dbt.listagg(
            "case when is_date_block then opening_text"
            ~ " when not is_label and (stated_worker is null or column_role = 'text') then text end",
            "chr(10)", "order by block_number"
        ) }} as text,
        count(*) as block_count,
        min(_load_id) as _load_id,
        min(_extracted_at) as _extracted_at
    from blocks
    group by _source_file, entry_number

),

runs as (

    select
        *,
        count(own_date) over (
            partition by _source_file order by entry_number rows unbounded preceding
        ) as date_run
    from entries

),

final as (

    select
        _source_file,
        entry_number,
        first_block_number,
        case when entry_number > 0 then max(own_date) over (partition by _source_file, date_run) end
            as note_date,
        entry_number > 0 and own_date is null as is_date_carried_forward,
        worker,
        text,
        block_count,
        _load_id,
        _extracted_at
    from runs

)

select * from final
