-- grain: one row per day, provider and operatory (0 is none) with an appointment
with appointments as (

    select * from {{ ref('int_dental__appointments') }}
    where is_booking and cast(starts_at as date) <= {{ as_of() }}

),

final as (

    select
        cast(starts_at as date) as day,
        provider_id,
        coalesce(operatory_id, 0) as operatory_id,
        count(*) as appointment_count,
        sum(case when is_kept then 1 else 0 end) as kept_count,
        sum(case when is_broken then 1 else 0 end) as broken_count,
        sum(case when is_broken then 0 else minutes end) as booked_minutes,
        sum(case when is_broken then 0 else provider_minutes end) as booked_provider_minutes,
        sum(case when is_kept then minutes else 0 end) as kept_minutes,
        sum(case when is_broken then minutes else 0 end) as broken_minutes
    from appointments
    group by cast(starts_at as date), provider_id, coalesce(operatory_id, 0)

)

select * from final
