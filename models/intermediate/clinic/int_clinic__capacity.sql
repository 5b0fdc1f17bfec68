-- grain: one row per local day and physiotherapist who could be booked
with stretches as (

    select * from {{ ref('int_clinic__capacity_stretches') }}

),

final as (

    select
        physio_id,
        day,
        cast(round(sum({{ seconds_between('from_utc', 'to_utc') }})) as bigint)
            as available_seconds,
        capacity_source
    from stretches
    group by physio_id, day, capacity_source

)

select * from final
