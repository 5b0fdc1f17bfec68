-- grain: one row per clinic-local day and physiotherapist who could be booked or was
with visits as (

    select
        appointment_date as day,
        physio_id,
        sum(case when is_canceled then 0 else duration_seconds end) as scheduled_seconds,
        sum(case when is_attended then duration_seconds else 0 end) as attended_seconds
    from {{ ref('int_clinic__appointments') }}
    group by appointment_date, physio_id

),

capacity as (

    select * from {{ ref('int_clinic__capacity') }}

),

final as (

    select
        coalesce(visits.day, capacity.day) as day,
        coalesce(visits.physio_id, capacity.physio_id) as physio_id,
        cast(coalesce(visits.scheduled_seconds, 0) as bigint) as scheduled_seconds,
        cast(coalesce(visits.attended_seconds, 0) as bigint) as attended_seconds,
        cast(coalesce(capacity.available_seconds, 0) as bigint) as available_seconds,
        coalesce(capacity.capacity_source, 'Unknown') as capacity_source
    from visits
    full outer join capacity
        on
            visits.day = capacity.day
            and visits.physio_id = capacity.physio_id

)

select * from final
