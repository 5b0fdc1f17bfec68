-- grain: one row per month of first visit
with patients as (

    select
        *,
        cast(date_trunc('month', first_visit_date) as date) as first_visit_month,
        {{ add_days('first_visit_date', 30) }} <= {{ clinic_complete_until() }} as is_matured,
        {{ add_days('first_visit_date', var('clinic_return_days')) }}
        <= {{ clinic_complete_until() }} as is_followed
    from {{ ref('clinic__patient_retention') }}
    where first_visit_date is not null and is_first_visit_known

),

counted as (

    select
        first_visit_month,
        count(*) as patients,
        sum(case when is_matured then 1 else 0 end) as matured_patients,
        sum(case when is_matured and days_to_second_visit <= 30 then 1 else 0 end)
            as returned_within_30_days,
        sum(case when is_followed then 1 else 0 end) as followed_patients,
        sum(case
            when is_followed and days_to_second_visit <= {{ var('clinic_return_days') }} then 1
            else 0
        end) as returned_patients,
        sum(case when has_future_appointment then 0 else 1 end) as without_future_appointment,
        sum(case when is_unscheduled_after_cancellation then 1 else 0 end)
            as unscheduled_after_cancellation
    from patients
    group by first_visit_month

),

final as (

    select
        first_visit_month,
        {{ period_end('first_visit_month', 'month') }} <= {{ clinic_complete_until() }}
            as is_complete,
        matured_patients = patients
        and {{ period_end('first_visit_month', 'month') }} <= {{ clinic_complete_until() }}
            as is_30d_mature,
        followed_patients = patients
        and {{ period_end('first_visit_month', 'month') }} <= {{ clinic_complete_until() }}
            as is_return_mature,
        cast(patients as bigint) as patients,
        cast(matured_patients as bigint) as matured_patients,
        cast(returned_within_30_days as bigint) as returned_within_30_days,
        {{ rate_columns('return_rate_30d', 'returned_within_30_days', 'matured_patients') }},
        cast(followed_patients as bigint) as followed_patients,
        cast(returned_patients as bigint) as returned_patients,
        {{ rate_columns('return_rate', 'returned_patients', 'followed_patients') }},
        {{ is_small_sample('least(matured_patients, followed_patients)') }} as is_small_sample,
        cast(without_future_appointment as bigint) as without_future_appointment,
        cast(unscheduled_after_cancellation as bigint) as unscheduled_after_cancellation
    from counted

)

select * from final
