with source as (

    select * from {{ source('raw_notes', 'blocks') }}

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
        parent_table_number,
        {{ tidy_text('text') }} as text,
        _retired_at as source_retired_at,
        _load_id,
        _extracted_at
    from source

)

select * from final
