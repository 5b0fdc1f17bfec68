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
        max(case when opening_kind = 'date above' then 1 else 0 end) as takes_date_above,
        coalesce(max(opening_worker), max(stated_worker)) as worker,
        {{ dbt.listagg(
            "case when is_date_block then opening_text"
            ~ " when is_other_label then trim(trailing ' :' from text) || ':'"
            ~ " when is_label or column_role = 'number' then null"
            ~ " when stated_worker is null or column_role = 'text' then text end",
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
        sum(case when takes_date_above = 0 then 1 else 0 end) over (
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
        takes_date_above = 1
        and max(own_date) over (partition by _source_file, date_run) is not null
            as is_date_carried_forward,
        worker,
        text,
        block_count,
        _load_id,
        _extracted_at
    from runs

)

select * from final
