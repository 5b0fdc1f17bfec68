-- grain: one row per time that was given back: a canceled visit, or where a moved one stood before
with visits as (

    select * from {{ ref('int_clinic__visits') }}

),

notices as (

    select * from {{ ref('int_clinic__cancellation_notice') }}

),

history as (

    select * from {{ ref('int_clinic__appointment_history') }}

),

moves as (

    select
        appointment_id,
        version_number,
        valid_from_date,
        previous_physio_id as physio_id,
        previous_starts_at as starts_at,
        previous_ends_at as ends_at
    from history
    where
        follows_at_once
        and previous_status = 'booked'
        and (starts_at <> previous_starts_at or physio_id <> previous_physio_id)
        and valid_from_date <= cast(previous_starts_at as date)

),

final as (

    select
        visits.appointment_id,
        0 as version_number,
        'canceled' as freed_by,
        visits.physio_id,
        visits.starts_at,
        visits.ends_at,
        visits.booked_at_utc,
        visits.price_estimate_amount,
        cast(notices.known_at_utc as date) as freed_date
    from visits
    left join notices on visits.appointment_id = notices.appointment_id
    where visits.is_canceled and not visits.is_day_only
    union all
    select
        moves.appointment_id,
        moves.version_number,
        'moved' as freed_by,
        moves.physio_id,
        moves.starts_at,
        moves.ends_at,
        visits.booked_at_utc,
        visits.price_estimate_amount,
        moves.valid_from_date as freed_date
    from moves
    inner join visits on moves.appointment_id = visits.appointment_id
    where not visits.is_day_only

)

select * from final
