-- grain: one row per block, with the entry it opens or belongs to (0: before the first, or outside)
with blocks as (

    select * from {{ ref('int_notes__openings') }}

),

turns as (

    select
        *,
        opening_kind is not null as is_opening,
        opening_kind is null
        and table_number is null
        and {{ regex_matches("lower(coalesce(style_name, ''))", '^(heading|title|subtitle)') }}
            as is_heading
    from blocks

),

numbered as (

    select
        *,
        count(case when is_opening or is_heading then 1 end) over (
            partition by _source_file order by block_number rows unbounded preceding
        ) as turn_number,
        count(case when is_opening then 1 end) over (
            partition by _source_file order by block_number rows unbounded preceding
        ) as opening_number
    from turns

),

placed as (

    select
        *,
        max(case when is_opening then table_number end) over (
            partition by _source_file, opening_number
        ) as opening_table_number,
        max(case when is_opening then parent_table_number end) over (
            partition by _source_file, opening_number
        ) as opening_parent_table_number,
        max(case
            when is_opening and layout = 'form' and not has_text_label then 1 else 0
        end) over (
            partition by _source_file, opening_number
        ) = 1 as is_text_below,
        max(case when is_heading then 1 else 0 end) over (
            partition by _source_file, turn_number
        ) = 1 as is_under_heading,
        max(case when is_opening then opening_number end) over (
            partition by _source_file, table_number, form_entry_number
        ) as form_opening_number
    from numbered

),

final as (

    select
        _source_file,
        block_number,
        block_type,
        style_name,
        table_number,
        row_number,
        column_number,
        case when is_inline and form_role = 'text' then inline_text else text end as text,
        layout,
        column_role,
        form_role,
        is_label,
        is_other_label,
        is_opening,
        opening_kind,
        opening_date,
        is_date_block,
        opening_worker,
        opening_text,
        case
            when is_label then null
            when is_worker and is_inline then inline_text
            when is_worker or column_role = 'worker' then text
            else worker_alone
        end as stated_worker,
        case
            when block_type not in ('paragraph', 'cell') then 0
            when is_label and layout = 'records' then 0
            when layout = 'form' and form_entry_number is not null then form_opening_number
            when
                not is_under_heading
                and (
                    opening_table_number is null
                    or (
                        is_text_below
                        and (table_number is null or table_number = opening_parent_table_number)
                    )
                    or (table_number = opening_table_number and coalesce(layout, '') <> 'form')
                    or parent_table_number is not null
                )
                then opening_number
            else 0
        end as entry_number,
        _load_id,
        _extracted_at
    from placed

)

select * from final
