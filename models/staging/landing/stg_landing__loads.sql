with source as (

    select * from {{ source('raw', 'load_log') }}

),

ranked as (

    select
        *,
        row_number() over (partition by source, object order by load_id desc) as load_rank
    from source

),

final as (

    select
        load_id,
        source,
        object,
        content_hash,
        row_count,
        started_at,
        finished_at,
        outcome,
        reason,
        load_rank = 1 as is_newest
    from ranked

)

select * from final
