-- grain: one row per kept visit that is not paid in full
with appointments as (

    select * from {{ ref('clinic__fact_appointments') }}
    where is_attended and paid_amount < price_estimate_amount

),

patients as (

    select * from {{ ref('clinic__dim_patients') }}

),

aged as (

    select
        *,
        {{ dbt.datediff('appointment_date', clinic_as_of(), 'day') }} as age_days
    from appointments

),

final as (

    select
        aged.appointment_id,
        aged.patient_id,
        patients.patient_name,
        patients.phone,
        aged.physio_id,
        aged.price_estimate_amount,
        aged.paid_amount,
        aged.refunded_amount,
        cast(aged.price_estimate_amount - aged.paid_amount as decimal(18, 2)) as owed_amount,
        aged.paid_amount > 0 as is_part_paid,
        cast(aged.age_days as bigint) as age_days,
        case
            when aged.age_days <= 30 then '0 to 30 days'
            when aged.age_days <= 60 then '31 to 60 days'
            when aged.age_days <= 90 then '61 to 90 days'
            else 'over 90 days'
        end as age_bucket,
        aged.appointment_date
    from aged
    left join patients on aged.patient_id = patients.patient_id

)

select * from final
