-- grain: one row per payment or refund
with payments as (

    select * from {{ ref('int_clinic__payment_checks') }}
    where rejection_reason is null

),

appointments as (

    select * from {{ ref('int_clinic__appointments') }}

),

final as (

    select
        payments.payment_id,
        payments.appointment_id,
        appointments.patient_id,
        appointments.physio_id,
        payments.payment_method,
        payments.amount < 0 as is_refund,
        payments.amount,
        cast(payments.paid_at as date) as payment_date,
        appointments.appointment_date,
        payments.paid_at,
        payments._source_file,
        payments._source_row
    from payments
    left join appointments on payments.appointment_id = appointments.appointment_id

)

select * from final
