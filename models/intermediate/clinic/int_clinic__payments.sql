-- grain: one row per payment or refund that can be true, with the visit it is for
with checks as (

    select * from {{ ref('int_clinic__payment_checks') }}
    where rejection_reason is null

),

appointments as (

    select * from {{ ref('int_clinic__appointments') }}

),

final as (

    select
        checks.payment_id,
        checks.appointment_id,
        coalesce(checks.patient_id, appointments.patient_id) as patient_id,
        coalesce(checks.physio_id, appointments.physio_id) as physio_id,
        case
            when checks.appointment_id is null then 'no appointment'
            when appointments.appointment_id is null then 'appointment not in the book'
            else 'appointment'
        end as paid_for,
        checks.item,
        checks.payment_method,
        checks.amount,
        checks.tax_amount,
        checks.paid_at,
        appointments.appointment_date,
        checks._source_file,
        checks._source_row,
        checks._drop_day
    from checks
    left join appointments on checks.appointment_id = appointments.appointment_id

)

select * from final
