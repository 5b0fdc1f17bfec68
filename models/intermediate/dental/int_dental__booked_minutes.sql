-- grain: one row per day, provider and operatory (0 is none) with an appointment
with appointments as (

    select * from {{ ref('int_dental__appointment_minutes') }}

),

final as (

    select
        day,
        provider_id,
        operatory_id,
        count(*) as appointment_count,
        sum(case when is_kept then 1 else 0 end) as kept_count,
        sum(case when is_broken then 1 else 0 end) as broken_count,
        sum(case when is_broken then 0 else minutes end) as booked_minutes,
        sum(case when is_broken then 0 else provider_minutes end) as booked_provider_minutes,
        sum(case when is_kept then minutes else 0 end) as kept_minutes,
        sum(case when is_broken then minutes else 0 end) as broken_minutes,
        sum(case when is_broken then 0 else outside_provider_minutes end)
            as booked_outside_provider_minutes,
        sum(case when is_kept then outside_provider_minutes else 0 end)
            as kept_outside_provider_minutes,
        sum(case when is_broken then 0 else outside_operatory_minutes end)
            as booked_outside_operatory_minutes,
        sum(case when is_kept then outside_operatory_minutes else 0 end)
            as kept_outside_operatory_minutes
    from appointments
    group by day, provider_id, operatory_id

)

select * from final
