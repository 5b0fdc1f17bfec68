-- grain: one row per payment: its newest copy, and whether it can be true
with copies as (

    select * from {{ ref('stg_clinic__payments') }}
    where copy_rank = 1 and is_known

),

known_appointments as (

    select appointment_id from {{ ref('stg_clinic__appointments') }}
    where {{ clinic_is_known('_drop_day') }}
    group by appointment_id

),

final as (

    select
        copies.*,
        case
            when copies.payment_id is null then 'payment_id is missing'
            when copies.amount is null then 'amount is missing or not an amount'
            when copies.tax_amount is null and copies.has_tax_text
                then 'tax_amount is not an amount'
            when copies.paid_at is null then 'paid_at is not an ISO 8601 time'
            when copies.appointment_id is not null and known_appointments.appointment_id is null
                then 'appointment_id is in no appointments.csv'
        end as rejection_reason
    from copies
    left join known_appointments on copies.appointment_id = known_appointments.appointment_id

)

select * from final
