with source as (

    select * from {{ source('raw', 'load_log') }}

),

final as (

    select
        load_id,
        object as _source_file,
        finished_at
    from source
    where source = 'claims' and outcome = 'landed'

)

select * from final
