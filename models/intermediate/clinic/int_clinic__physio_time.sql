-- grain: one row per clinic-local day and physiotherapist who could be booked or was
with visits as (

    select
        appointment_date as day,
        physio_id,
        sum(duration_seconds) as scheduled_seconds,
        sum(within_seconds) as booked_seconds,
        sum(case when is_attended then duration_seconds else 0 end) as attended_seconds,
        sum(case when is_attended then outside_seconds else 0 end) as attended_outside_seconds,
        sum(case when is_day_only then 1 else 0 end) as visits_without_time,
        max(case when is_rota_day then 1 else 0 end) = 1 as is_rota_day
    from {{ ref('int_clinic__visit_time') }}
    group by appointment_date, physio_id

),

capacity as (

    select * from {{ ref('int_clinic__capacity') }}

),

joined as (

    select
        coalesce(visits.day, capacity.day) as day,
        coalesce(visits.physio_id, capacity.physio_id) as physio_id,
        coalesce(visits.visits_without_time, 0) as visits_without_time,
        visits.scheduled_seconds,
        visits.booked_seconds,
        visits.attended_seconds,
        visits.attended_outside_seconds,
        coalesce(capacity.available_seconds, 0) as available_seconds,
        -- Who has no hours that day is off by the rota, or the opening hours say closed.
        case
            when capacity.capacity_source is not null then capacity.capacity_source
            when visits.is_rota_day then 'availability.csv'
            else 'opening hours'
        end as capacity_source
    from visits
    full outer join capacity
        on
            visits.day = capacity.day
            and visits.physio_id = capacity.physio_id

),

final as (

    select
        day,
        physio_id,
        day <= {{ clinic_complete_until() }} as is_complete,
        visits_without_time,
        {% for name in ['scheduled', 'booked', 'attended', 'attended_outside'] -%}
            case
                when visits_without_time = 0 then cast(coalesce({{ name }}_seconds, 0) as bigint)
            end as {{ name }}_seconds,
        {% endfor -%}
        available_seconds,
        capacity_source
    from joined

)

select * from final
