with source as (

    select * from {{ source('raw', 'load_log') }}

),

final as (

    select
        object as _source_file,
        looked_at as withdrawn_at,
        load_id as _load_id
    from source
    where source = 'notes' and outcome = 'withdrawn'

)

select * from final
