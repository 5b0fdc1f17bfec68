-- grain: one row per appointment that begins before an earlier one has ended, and whose it is
with appointments as (

    select * from {{ ref('int_clinic__appointments') }}
    where not is_canceled and not is_unmapped and not is_day_only

),

followed as (

    select
        *,
        max(ends_at_utc) over (
            partition by physio_id
            order by starts_at_utc nulls last, appointment_id nulls last
            rows between unbounded preceding and 1 preceding
        ) as physio_busy_until_utc,
        max(ends_at_utc) over (
            partition by patient_id
            order by starts_at_utc nulls last, appointment_id nulls last
            rows between unbounded preceding and 1 preceding
        ) as patient_busy_until_utc
    from appointments

),

final as (

    select
        appointment_id,
        'physio' as whose
    from followed
    where physio_busy_until_utc > starts_at_utc
    union all
    select
        appointment_id,
        'patient' as whose
    from followed
    where patient_busy_until_utc > starts_at_utc

)

select * from final
