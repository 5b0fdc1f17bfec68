-- grain: one row per appointment of the book, with what was paid and how late it was canceled
with appointments as (

    select * from {{ ref('int_clinic__appointments') }}

),

payments as (

    select
        appointment_id,
        sum(amount) as paid_amount,
        sum(case when amount < 0 then -amount else 0 end) as refunded_amount,
        count(*) as payment_count
    from {{ ref('int_clinic__payments') }}
    where appointment_id is not null
    group by appointment_id

),

-- Where no payments file ever came, nobody knows what was paid: not 0.
payments_known as (

    select count(*) > 0 as is_known from {{ ref('stg_clinic__payments') }}
    where is_known

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
        appointments.is_unmapped,
        appointments.is_day_only,
        case
            when appointments.is_canceled then coalesce(notice_buckets.notice_bucket, 'Unknown')
        end as notice_bucket,
        case
            when not appointments.is_canceled then false
            when appointments.is_late_by_word then true
            else notice_buckets.is_late
        end as is_late_cancellation,
        coalesce(notices.is_estimate, false) as is_notice_estimate,
        coalesce(notices.is_after_start, false) as is_canceled_after_start,
        appointments.price_estimate_amount,
        case
            when payments_known.is_known
                then cast(coalesce(payments.paid_amount, 0) as decimal(18, 2))
        end as paid_amount,
        case
            when payments_known.is_known
                then cast(coalesce(payments.refunded_amount, 0) as decimal(18, 2))
        end as refunded_amount,
        case
            when payments_known.is_known then cast(coalesce(payments.payment_count, 0) as bigint)
        end as payment_count,
        appointments.duration_seconds,
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
    cross join payments_known
    left join payments on appointments.appointment_id = payments.appointment_id
    left join notices on appointments.appointment_id = notices.appointment_id
    left join notice_buckets
        on
            (notices.notice_hours >= notice_buckets.from_hours or notice_buckets.from_hours is null)
            and (notices.notice_hours < notice_buckets.to_hours or notice_buckets.to_hours is null)
            and notices.notice_hours is not null

)

select * from final
