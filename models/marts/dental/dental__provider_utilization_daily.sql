-- grain: one row per day and provider with scheduled time, an appointment or completed treatment
with summed as (

    select * from {{ ref('int_dental__provider_days') }}

),

providers as (

    select * from {{ ref('dental__dim_providers') }}

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
