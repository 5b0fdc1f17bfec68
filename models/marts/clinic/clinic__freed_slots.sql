-- grain: one row per time that was given back by a cancellation or a move
with freed as (

    select * from {{ ref('int_clinic__freed_slots') }}

),

refills as (

    select
        appointment_id,
        version_number,
        count(*) as refill_count,
        {{ known_sum('price_estimate_amount', 'is_attended and is_counted_here') }}
            as refill_estimate_amount,
        {{ known_sum('paid_amount', 'is_counted_here') }} as refill_paid_amount
    from {{ ref('int_clinic__slot_refills') }}
    group by appointment_id, version_number

),

physios as (

    select * from {{ ref('clinic__dim_physios') }}

),

final as (

    select
        {{ surrogate_key(['freed.appointment_id', 'freed.version_number']) }} as freed_slot_key,
        freed.appointment_id,
        freed.freed_by,
        freed.physio_id,
        physios.physio_name,
        cast(freed.starts_at as date) as day,
        freed.starts_at,
        freed.ends_at,
        freed.freed_date,
        cast(freed.starts_at as date) <= {{ clinic_complete_until() }} as is_over,
        refills.appointment_id is not null as is_refilled,
        cast(coalesce(refills.refill_count, 0) as bigint) as refill_count,
        freed.price_estimate_amount as freed_amount,
        cast(
            case when refills.appointment_id is null then 0 else refills.refill_estimate_amount end
            as decimal(14, 2)
        ) as refill_estimate_amount,
        cast(
            case when refills.appointment_id is null then 0 else refills.refill_paid_amount end
            as decimal(14, 2)
        ) as refill_paid_amount
    from freed
    left join refills
        on
            freed.appointment_id = refills.appointment_id
            and freed.version_number = refills.version_number
    left join physios on freed.physio_id = physios.physio_id

)

select * from final
