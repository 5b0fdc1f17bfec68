-- grain: one row per canceled appointment
with appointments as (

    select * from {{ ref('int_clinic__appointments') }}
    where is_canceled

),

copies as (

    select
        appointment_id,
        status,
        coalesce(_drop_day, cast('1900-01-01' as date)) as drop_day
    from {{ ref('int_clinic__appointment_copies') }}
    where is_known

),

not_canceled as (

    select
        appointment_id,
        max(drop_day) as last_drop_day
    from copies
    where status <> 'canceled'
    group by appointment_id

),

first_seen as (

    select
        copies.appointment_id,
        min(copies.drop_day) as seen_day
    from copies
    left join not_canceled on copies.appointment_id = not_canceled.appointment_id
    where
        copies.status = 'canceled'
        and (not_canceled.last_drop_day is null or copies.drop_day > not_canceled.last_drop_day)
    group by copies.appointment_id

),

notices as (

    select
        appointments.appointment_id,
        appointments.starts_at_utc,
        appointments.canceled_at_utc,
        appointments.is_day_only,
        coalesce(
            appointments.canceled_at_utc,
            case
                when first_seen.seen_day > cast('1900-01-01' as date)
                    then {{ local_to_utc("first_seen.seen_day + interval '1 day'") }}
            end
        ) as known_at_utc,
        appointments.canceled_at_utc is null as is_estimate
    from appointments
    left join first_seen on appointments.appointment_id = first_seen.appointment_id

),

final as (

    select
        appointment_id,
        known_at_utc,
        is_estimate,
        not is_day_only and coalesce(canceled_at_utc > starts_at_utc, false) as is_after_start,
        case
            -- From a day alone no hours can be told; a cancellation after the start is an error.
            when is_day_only or canceled_at_utc > starts_at_utc then null
            when known_at_utc >= starts_at_utc then 0
            else {{ seconds_between('known_at_utc', 'starts_at_utc') }} / 3600.0
        end as notice_hours
    from notices

)

select * from final
