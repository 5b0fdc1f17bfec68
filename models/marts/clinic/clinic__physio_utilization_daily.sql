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
        physio_time.is_complete,
        cast(physio_time.visits_without_time as bigint) as visits_without_time,
        {% for name in ['scheduled', 'booked', 'attended', 'attended_outside', 'available'] -%}
            {{ hours('physio_time.' ~ name ~ '_seconds') }} as {{ name }}_hours,
        {% endfor -%}
        case
            when physio_time.is_complete
                then {{ ratio(
                    'physio_time.attended_seconds - physio_time.attended_outside_seconds',
                    'physio_time.available_seconds'
                ) }}
        end as utilization_rate,
        case
            when not physio_time.is_complete
                then {{ ratio('physio_time.booked_seconds', 'physio_time.available_seconds') }}
        end as booked_rate,
        physio_time.capacity_source
    from physio_time
    left join physios on physio_time.physio_id = physios.physio_id

)

select * from final
