with source as (

    select * from {{ source('raw', 'load_log') }}

),

final as (

    select
        source as source_name,
        object as _source_file,
        looked_at as withdrawn_at,
        load_id as _load_id
    from source
    where source in ('workbooks', 'notes') and outcome = 'withdrawn'

)

select * from final
