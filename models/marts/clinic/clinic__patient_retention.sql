-- grain: one row per patient who has an appointment
with appointments as (

    select
        *,
        row_number() over (
            partition by patient_id, is_attended
            order by starts_at_utc asc nulls last, appointment_id asc nulls last
        ) as visit_number
    from {{ ref('clinic__fact_appointments') }}

),

starts as (

    select * from {{ ref('int_clinic__patient_starts') }}

),

spans as (

    select
        patient_id,
        count(*) as appointment_count,
        sum(case when is_attended then 1 else 0 end) as visit_count,
        min(case when is_attended and visit_number = 1 then appointment_date end)
            as first_visit_date,
        min(case when is_attended and visit_number = 2 then appointment_date end)
            as second_visit_date,
        max(case when is_attended then appointment_date end) as last_visit_date,
        min(case
            when is_open and appointment_date >= {{ clinic_as_of() }} then appointment_date
        end) as next_appointment_date,
        max(case when is_canceled then appointment_date end) as last_cancellation_date,
        max(case when is_canceled then starts_at_utc end) as last_canceled_start,
        max(case when is_attended then starts_at_utc end) as last_attended_start
    from appointments
    group by patient_id

),

final as (

    select
        spans.patient_id,
        cast(appointment_count as bigint) as appointment_count,
        cast(visit_count as bigint) as visit_count,
        spans.first_visit_date,
        starts.is_new as is_first_visit_known,
        second_visit_date,
        cast({{ dbt.datediff('spans.first_visit_date', 'second_visit_date', 'day') }} as bigint)
            as days_to_second_visit,
        last_visit_date,
        next_appointment_date,
        last_cancellation_date,
        second_visit_date is not null as has_second_visit,
        next_appointment_date is not null as has_future_appointment,
        last_canceled_start is not null
        and next_appointment_date is null
        and (last_attended_start is null or last_attended_start < last_canceled_start)
            as is_unscheduled_after_cancellation
    from spans
    left join starts on spans.patient_id = starts.patient_id

)

select * from final
