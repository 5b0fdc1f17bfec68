-- grain: one row per clinic-local day and physiotherapist who could be booked or was
with physio_time as (

    select * from {{ ref('int_clinic__physio_time') }}

),

physios as (

    select * from {{ ref('clinic__dim_physios') }}

),

final as (

    select
        physio_time.day,
        physio_time.physio_id,
        physios.physio_name,
        cast(physio_time.scheduled_seconds / 3600.0 as decimal(12, 4)) as scheduled_hours,
        cast(physio_time.attended_seconds / 3600.0 as decimal(12, 4)) as attended_hours,
        cast(physio_time.available_seconds / 3600.0 as decimal(12, 4)) as available_hours,
        {{ ratio('physio_time.attended_seconds', 'physio_time.available_seconds') }}
            as utilization_rate,
        physio_time.capacity_source
    from physio_time
    left join physios on physio_time.physio_id = physios.physio_id

)

select * from final
