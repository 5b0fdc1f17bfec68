-- grain: one row per source and outcome of the newest load of each file or table
with loads as (

    select * from {{ ref('stg_landing__loads') }}
    where is_newest

),

final as (

    select
        source,
        outcome,
        count(*) as object_count,
        cast(sum(row_count) as bigint) as row_count,
        max(finished_at) as newest_load_at
    from loads
    group by source, outcome

)

select * from final
