-- grain: one row per month of first visit
with patients as (

    select
        *,
        cast(date_trunc('month', first_visit_date) as date) as first_visit_month,
        {{ add_days('first_visit_date', 30) }} <= {{ clinic_as_of() }} as is_matured
    from {{ ref('clinic__patient_retention') }}
    where first_visit_date is not null

),

counted as (

    select
        first_visit_month,
        count(*) as patients,
        sum(case when is_matured then 1 else 0 end) as matured_patients,
        sum(case when is_matured and days_to_second_visit <= 30 then 1 else 0 end)
            as returned_within_30_days,
        sum(case when has_second_visit then 1 else 0 end) as returned_patients,
        sum(case when has_future_appointment then 0 else 1 end) as without_future_appointment,
        sum(case when is_unscheduled_after_cancellation then 1 else 0 end)
            as unscheduled_after_cancellation
    from patients
    group by first_visit_month

),

final as (

    select
        first_visit_month,
        cast(patients as bigint) as patients,
        cast(matured_patients as bigint) as matured_patients,
        cast(returned_within_30_days as bigint) as returned_within_30_days,
        {{ ratio('returned_within_30_days', 'matured_patients') }} as return_rate_30d,
        cast(returned_patients as bigint) as returned_patients,
        cast(without_future_appointment as bigint) as without_future_appointment,
        cast(unscheduled_after_cancellation as bigint) as unscheduled_after_cancellation
    from counted

)

select * from final
