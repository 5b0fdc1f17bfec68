-- grain: one row per open block of a provider's schedule, in minutes of its day
with schedules as (

    select * from {{ ref('stg_opendental__schedules') }}

),

final as (

    select
        schedule_id,
        provider_id,
        schedule_date as day,
        cast(
            extract(hour from start_time) * 60 + extract(minute from start_time) as integer
        ) as from_minute,
        cast(
            extract(hour from stop_time) * 60 + extract(minute from stop_time) as integer
        ) as to_minute
    from schedules
    where
        schedule_type_code = 1
        and schedule_status_code = 0
        and provider_id is not null
        and start_time < stop_time

)

select * from final
