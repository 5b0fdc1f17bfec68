-- grain: one row per workbook or Word file whose rows are in the warehouse
with sheets as (

    select * from {{ ref('stg_workbooks__sheets') }}

),

blocks as (

    select * from {{ ref('stg_notes__blocks') }}

),

final as (

    select
        'workbooks' as source_name,
        _source_file,
        max(source_retired_at) as source_retired_at,
        max(_extracted_at) as _extracted_at
    from sheets
    group by _source_file
    union all
    select
        'notes' as source_name,
        _source_file,
        max(source_retired_at) as source_retired_at,
        max(_extracted_at) as _extracted_at
    from blocks
    group by _source_file

)

select * from final
