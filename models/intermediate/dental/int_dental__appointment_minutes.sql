-- grain: one row per appointment up to the as-of day: its minutes within scheduled time
with appointments as (

    select
        *,
        cast(starts_at as date) as day,
        cast(extract(hour from starts_at) * 60 + extract(minute from starts_at) as integer)
            as from_minute
    from {{ ref('int_dental__appointments') }}
    where is_booking and cast(starts_at as date) <= {{ as_of() }}

),

provider_blocks as (

    select * from {{ ref('int_dental__provider_blocks') }}

),

operatory_blocks as (

    select * from {{ ref('int_dental__operatory_blocks') }}

),

provider_stretches as (

    {{ open_stretches('provider_blocks', 'provider_id') }}

),

operatory_stretches as (

    {{ open_stretches('operatory_blocks', 'operatory_id') }}

),

{% for key in ['provider', 'operatory'] %}
    within_{{ key }} as (

        select
            appointments.appointment_id,
            sum(
                least(appointments.from_minute + appointments.minutes, stretches.to_minute)
                - greatest(appointments.from_minute, stretches.from_minute)
            ) as minutes
        from appointments
        inner join {{ key }}_stretches as stretches
            on
                appointments.{{ key }}_id = stretches.{{ key }}_id
                and appointments.day = stretches.day
                and stretches.from_minute < appointments.from_minute + appointments.minutes
                and appointments.from_minute < stretches.to_minute
        group by appointments.appointment_id

    ),
{% endfor %}

final as (

    select
        appointments.appointment_id,
        appointments.day,
        appointments.provider_id,
        coalesce(appointments.operatory_id, 0) as operatory_id,
        appointments.is_kept,
        appointments.is_broken,
        appointments.minutes,
        appointments.provider_minutes,
        appointments.minutes - coalesce(within_provider.minutes, 0) as outside_provider_minutes,
        appointments.minutes - coalesce(within_operatory.minutes, 0) as outside_operatory_minutes
    from appointments
    left join within_provider on appointments.appointment_id = within_provider.appointment_id
    left join within_operatory on appointments.appointment_id = within_operatory.appointment_id

)

select * from final
