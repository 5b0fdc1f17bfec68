-- grain: one row per day and provider with scheduled time, an appointment or completed treatment
with open_time as (

    select * from {{ ref('int_dental__provider_open_minutes') }}
    where day <= {{ as_of() }}

),

booked as (

    select * from {{ ref('int_dental__booked_minutes') }}

),

treatments as (

    select * from {{ ref('int_dental__treatments') }}
    where is_completed

),

parts as (

    select
        day,
        provider_id,
        open_minutes,
        0 as appointment_count,
        0 as kept_count,
        0 as broken_count,
        0 as booked_minutes,
        0 as booked_provider_minutes,
        0 as kept_minutes,
        0 as broken_minutes,
        0 as production_amount
    from open_time
    union all
    select
        day,
        provider_id,
        0 as open_minutes,
        appointment_count,
        kept_count,
        broken_count,
        booked_minutes,
        booked_provider_minutes,
        kept_minutes,
        broken_minutes,
        0 as production_amount
    from booked
    union all
    select
        procedure_date as day,
        provider_id,
        0 as open_minutes,
        0 as appointment_count,
        0 as kept_count,
        0 as broken_count,
        0 as booked_minutes,
        0 as booked_provider_minutes,
        0 as kept_minutes,
        0 as broken_minutes,
        fee_amount as production_amount
    from treatments

),

final as (

    select
        day,
        provider_id,
        cast(sum(open_minutes) as bigint) as open_minutes,
        cast(sum(appointment_count) as bigint) as appointment_count,
        cast(sum(kept_count) as bigint) as kept_count,
        cast(sum(broken_count) as bigint) as broken_count,
        cast(sum(booked_minutes) as bigint) as booked_minutes,
        cast(sum(booked_provider_minutes) as bigint) as booked_provider_minutes,
        cast(sum(kept_minutes) as bigint) as kept_minutes,
        cast(sum(broken_minutes) as bigint) as broken_minutes,
        cast(sum(production_amount) as decimal(18, 2)) as gross_production_amount
    from parts
    group by day, provider_id

)

select * from final
