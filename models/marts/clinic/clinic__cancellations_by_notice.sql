-- grain: one row per clinic-local day and bucket of notice
with appointments as (

    select * from {{ ref('clinic__fact_appointments') }}
    where is_canceled

),

final as (

    select
        appointment_date as day,
        notice_bucket,
        appointment_date <= {{ clinic_complete_until() }} as is_complete,
        cast(count(*) as bigint) as cancellations,
        cast(sum(price_estimate_amount) as decimal(14, 2)) as revenue_lost_amount
    from appointments
    group by appointment_date, notice_bucket

)

select * from final
