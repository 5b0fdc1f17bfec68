-- grain: one row per appointment of the book as it stood on the day of the list
with visits as (

    select * from {{ ref('int_clinic__visits') }}

),

final as (

    select
        appointment_id,
        patient_id,
        physio_id,
        status,
        is_open,
        is_attended,
        is_missed,
        is_canceled,
        is_unmapped,
        is_day_only,
        notice_bucket,
        is_late_cancellation,
        is_notice_estimate,
        is_canceled_after_start,
        price_estimate_amount,
        paid_amount,
        refunded_amount,
        payment_count,
        cast(duration_seconds / 60.0 as decimal(12, 2)) as duration_minutes,
        notice_hours,
        lead_days,
        appointment_date,
        starts_at,
        ends_at,
        booked_at,
        starts_at_utc,
        ends_at_utc,
        booked_at_utc,
        _source_file,
        _source_row
    from visits

)

select * from final
