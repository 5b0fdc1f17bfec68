-- grain: one row per appointment of the book as it now stands
with appointments as (

    select * from {{ ref('int_clinic__appointments') }}

),

payments as (

    select
        appointment_id,
        sum(amount) as paid_amount,
        sum(case when amount < 0 then -amount else 0 end) as refunded_amount,
        count(*) as payment_count
    from {{ ref('int_clinic__payment_checks') }}
    where rejection_reason is null
    group by appointment_id

),

notices as (

    select * from {{ ref('int_clinic__cancellation_notice') }}

),

notice_buckets as (

    select * from {{ ref('clinic_notice_buckets') }}

),

final as (

    select
        appointments.appointment_id,
        appointments.patient_id,
        appointments.physio_id,
        appointments.status,
        appointments.is_open,
        appointments.is_attended,
        appointments.is_missed,
        appointments.is_canceled,
        case
            when appointments.is_canceled then coalesce(notice_buckets.notice_bucket, 'Unknown')
        end as notice_bucket,
        coalesce(notice_buckets.is_late, false) as is_late_cancellation,
        appointments.price_estimate_amount,
        cast(coalesce(payments.paid_amount, 0) as decimal(12, 2)) as paid_amount,
        cast(coalesce(payments.refunded_amount, 0) as decimal(12, 2)) as refunded_amount,
        cast(coalesce(payments.payment_count, 0) as bigint) as payment_count,
        cast(appointments.duration_seconds / 60.0 as decimal(12, 2)) as duration_minutes,
        cast(round(notices.notice_hours, 2) as decimal(12, 2)) as notice_hours,
        cast(
            {{ dbt.datediff('appointments.booked_at', 'appointments.starts_at', 'day') }} as bigint
        ) as lead_days,
        appointments.appointment_date,
        appointments.starts_at,
        appointments.ends_at,
        appointments.booked_at,
        appointments.starts_at_utc,
        appointments.ends_at_utc,
        appointments.booked_at_utc,
        appointments._source_file,
        appointments._source_row
    from appointments
    left join payments on appointments.appointment_id = payments.appointment_id
    left join notices on appointments.appointment_id = notices.appointment_id
    left join notice_buckets
        on
            (notices.notice_hours >= notice_buckets.from_hours or notice_buckets.from_hours is null)
            and (notices.notice_hours < notice_buckets.to_hours or notice_buckets.to_hours is null)
            and notices.notice_hours is not null

)

select * from final
