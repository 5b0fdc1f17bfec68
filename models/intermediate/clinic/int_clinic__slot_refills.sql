-- grain: one row per freed time and visit of the same physiotherapist that took some of it
with freed as (

    select * from {{ ref('int_clinic__freed_slots') }}

),

visits as (

    select * from {{ ref('int_clinic__visits') }}
    where not is_canceled and not is_unmapped and not is_day_only

),

overlapping as (

    select
        freed.appointment_id,
        freed.version_number,
        visits.appointment_id as refill_appointment_id,
        visits.is_attended,
        visits.price_estimate_amount,
        visits.paid_amount,
        freed.starts_at as freed_starts_at,
        freed.booked_at_utc as freed_booked_at_utc,
        {{ seconds_between(
            'greatest(freed.starts_at, visits.starts_at)', 'least(freed.ends_at, visits.ends_at)'
        ) }} as shared_seconds
    from freed
    inner join visits
        on
            freed.physio_id = visits.physio_id
            and cast(freed.starts_at as date) = visits.appointment_date
            and freed.starts_at < visits.ends_at
            and freed.ends_at > visits.starts_at
            and freed.appointment_id <> visits.appointment_id
    where coalesce(visits.booked_at_utc >= freed.booked_at_utc, true)

),

final as (

    select
        appointment_id,
        version_number,
        refill_appointment_id,
        is_attended,
        price_estimate_amount,
        paid_amount,
        row_number() over (
            partition by refill_appointment_id
            order by
                shared_seconds desc nulls last,
                freed_booked_at_utc desc nulls last,
                freed_starts_at asc nulls last,
                appointment_id asc nulls last,
                version_number asc nulls last
        ) = 1 as is_counted_here
    from overlapping

)

select * from final
