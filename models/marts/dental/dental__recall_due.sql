-- grain: one row per recall that is due, or will be within the days looked ahead, and not hidden
with recalls as (

    select * from {{ ref('int_dental__recall_list') }}
    where
        hidden_because is null
        and due_date <= {{ add_days(as_of(), var('dental_recall_ahead_days')) }}

),

types as (

    select * from {{ ref('stg_opendental__recall_types') }}

),

patients as (

    select * from {{ ref('dental__dim_patients') }}
    where is_current

),

definitions as (

    select * from {{ ref('stg_opendental__definitions') }}

),

next_appointments as (

    select * from {{ ref('int_dental__next_appointments') }}

),

final as (

    select
        recalls.recall_id,
        recalls.patient_id,
        patients.patient_key,
        patients.first_name,
        patients.last_name,
        patients.phone,
        patients.email,
        patients.text_message_consent,
        recalls.guarantor_id,
        patients.clinic_id,
        patients.primary_provider_id,
        types.recall_type_name as recall_type,
        statuses.item_name as recall_status,
        recalls.recall_priority_code = 1 as is_asap,
        recalls.due_date,
        cast({{ dbt.datediff('recalls.due_date', as_of(), 'day') }} as bigint) as overdue_days,
        recalls.due_date < {{ as_of() }} as is_overdue,
        recalls.previous_date,
        {{ packed_interval_part('recalls.packed_interval', 'years') }} as interval_years,
        {{ packed_interval_part('recalls.packed_interval', 'months') }} as interval_months,
        {{ packed_interval_part('recalls.packed_interval', 'weeks') }} as interval_weeks,
        {{ packed_interval_part('recalls.packed_interval', 'days') }} as interval_days,
        cast(recalls.reminder_count as bigint) as reminder_count,
        recalls.last_reminder_at,
        next_appointments.starts_at as next_appointment_at
    from recalls
    left join types on recalls.recall_type_id = types.recall_type_id
    left join patients on recalls.patient_id = patients.patient_id
    left join definitions as statuses
        on recalls.recall_status_definition_id = statuses.definition_id
    left join next_appointments on recalls.patient_id = next_appointments.patient_id

)

select * from final
