-- grain: one row per day and provider with scheduled time, an appointment or completed treatment
with summed as (

    select
        *,
        {{ is_over('day', 'day') }} as is_complete
    from {{ ref('int_dental__provider_days') }}

),

providers as (

    select * from {{ ref('dental__dim_providers') }}

),

final as (

    select
        summed.day,
        summed.is_complete,
        summed.provider_id,
        providers.is_hygienist,
        summed.open_minutes,
        summed.appointment_count,
        summed.kept_count,
        summed.broken_count,
        summed.booked_minutes,
        summed.booked_outside_minutes,
        summed.booked_provider_minutes,
        summed.kept_minutes,
        summed.kept_outside_minutes,
        summed.broken_minutes,
        {{ ratio(
            '(summed.booked_minutes - summed.booked_outside_minutes)', 'summed.open_minutes'
        ) }} as booked_rate,
        case
            when summed.is_complete
                then {{ ratio(
                    '(summed.kept_minutes - summed.kept_outside_minutes)', 'summed.open_minutes'
                ) }}
        end as utilization_rate,
        summed.visits,
        summed.gross_production_amount,
        case
            when summed.is_complete
                then cast({{ per_unit(
                    'summed.gross_production_amount * 60', 'summed.open_minutes'
                ) }} as decimal(18, 2))
        end as production_per_hour,
        cast({{ per_unit('summed.gross_production_amount', 'summed.visits') }} as decimal(18, 2))
            as production_per_visit,
        cast({{ per_unit(
            'coalesce(providers.hourly_production_goal_amount, 0) * summed.open_minutes', '60'
        ) }} as decimal(18, 2)) as production_goal_amount
    from summed
    left join providers on summed.provider_id = providers.provider_id

)

select * from final
