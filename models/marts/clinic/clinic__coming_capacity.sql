-- grain: one row per physiotherapist and day of the coming two weeks on which they can be booked
with capacity as (

    select * from {{ ref('int_clinic__physio_time') }}
    where
        day > {{ clinic_as_of() }}
        and day <= {{ add_days(clinic_as_of(), 14) }}

),

gaps as (

    select
        day,
        physio_id,
        sum(free_seconds) as free_seconds,
        sum(cast(
            floor(free_seconds / (60.0 * {{ var('clinic_slot_minutes') }})) as bigint
        )) as free_slots
    from {{ ref('int_clinic__free_gaps') }}
    group by day, physio_id

),

physios as (

    select * from {{ ref('clinic__dim_physios') }}

),

final as (

    select
        capacity.day,
        capacity.physio_id,
        physios.physio_name,
        {{ hours('capacity.available_seconds') }} as available_hours,
        {{ hours('capacity.booked_seconds') }} as booked_hours,
        {{ hours('capacity.scheduled_seconds - capacity.booked_seconds') }} as booked_outside_hours,
        {{ ratio('capacity.booked_seconds', 'capacity.available_seconds') }} as booked_rate,
        {{ hours('coalesce(gaps.free_seconds, 0)') }} as free_hours,
        cast(coalesce(gaps.free_slots, 0) as bigint) as free_slots,
        cast(capacity.visits_without_time as bigint) as visits_without_time,
        capacity.capacity_source
    from capacity
    left join gaps on capacity.day = gaps.day and capacity.physio_id = gaps.physio_id
    left join physios on capacity.physio_id = physios.physio_id

)

select * from final
