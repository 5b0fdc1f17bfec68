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

providers as (

    select * from {{ ref('dental__dim_providers') }}

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

summed as (

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

),

final as (

    select
        summed.day,
        summed.provider_id,
        providers.is_hygienist,
        summed.open_minutes,
        summed.appointment_count,
        summed.kept_count,
        summed.broken_count,
        summed.booked_minutes,
        summed.booked_provider_minutes,
        summed.kept_minutes,
        summed.broken_minutes,
        {{ ratio('summed.booked_minutes', 'summed.open_minutes') }} as booked_rate,
        {{ ratio('summed.kept_minutes', 'summed.open_minutes') }} as utilization_rate,
        summed.gross_production_amount,
        cast(
            coalesce(providers.hourly_production_goal_amount, 0) * summed.open_minutes / 60.0
            as decimal(18, 2)
        ) as production_goal_amount
    from summed
    left join providers on summed.provider_id = providers.provider_id

)

select * from final
