-- grain: one row per day and operatory with scheduled time or an appointment
with open_time as (

    select * from {{ ref('int_dental__operatory_open_minutes') }}
    where day <= {{ as_of() }}

),

booked as (

    select
        day,
        operatory_id,
        cast(sum(appointment_count) as bigint) as appointment_count,
        cast(sum(kept_count) as bigint) as kept_count,
        cast(sum(broken_count) as bigint) as broken_count,
        cast(sum(booked_minutes) as bigint) as booked_minutes,
        cast(sum(kept_minutes) as bigint) as kept_minutes,
        cast(sum(broken_minutes) as bigint) as broken_minutes,
        cast(sum(booked_outside_operatory_minutes) as bigint) as booked_outside_minutes,
        cast(sum(kept_outside_operatory_minutes) as bigint) as kept_outside_minutes
    from {{ ref('int_dental__booked_minutes') }}
    where operatory_id <> 0
    group by day, operatory_id

),

operatories as (

    select * from {{ ref('dental__dim_operatories') }}

),

merged as (

    select
        coalesce(open_time.day, booked.day) as day,
        coalesce(open_time.operatory_id, booked.operatory_id) as operatory_id,
        coalesce(open_time.open_minutes, 0) as open_minutes,
        coalesce(booked.appointment_count, 0) as appointment_count,
        coalesce(booked.kept_count, 0) as kept_count,
        coalesce(booked.broken_count, 0) as broken_count,
        coalesce(booked.booked_minutes, 0) as booked_minutes,
        coalesce(booked.kept_minutes, 0) as kept_minutes,
        coalesce(booked.broken_minutes, 0) as broken_minutes,
        coalesce(booked.booked_outside_minutes, 0) as booked_outside_minutes,
        coalesce(booked.kept_outside_minutes, 0) as kept_outside_minutes
    from open_time
    full outer join booked
        on
            open_time.day = booked.day
            and open_time.operatory_id = booked.operatory_id

),

final as (

    select
        merged.day,
        {{ is_over('merged.day', 'day') }} as is_complete,
        merged.operatory_id,
        operatories.operatory_name,
        coalesce(operatories.clinic_id, 0) as clinic_id,
        merged.open_minutes,
        merged.appointment_count,
        merged.kept_count,
        merged.broken_count,
        merged.booked_minutes,
        merged.booked_outside_minutes,
        merged.kept_minutes,
        merged.kept_outside_minutes,
        merged.broken_minutes,
        {{ ratio(
            '(merged.booked_minutes - merged.booked_outside_minutes)', 'merged.open_minutes'
        ) }} as booked_rate,
        case
            when {{ is_over('merged.day', 'day') }}
                then {{ ratio(
                    '(merged.kept_minutes - merged.kept_outside_minutes)', 'merged.open_minutes'
                ) }}
        end as utilization_rate
    from merged
    left join operatories on merged.operatory_id = operatories.operatory_id

)

select * from final
