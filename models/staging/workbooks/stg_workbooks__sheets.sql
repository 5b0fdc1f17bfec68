with source as (

    select * from {{ source('raw_workbooks', 'sheets') }}

),

final as (

    select
        _source_file,
        _source_sheet,
        sheet_number,
        sheet_state,
        row_count,
        date_epoch,
        problem,
        _retired_at as source_retired_at,
        _load_id,
        _extracted_at
    from source

)

select * from final
