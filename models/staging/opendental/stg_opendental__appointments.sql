with source as (

    select * from {{ source('raw_opendental', 'appointment') }}

),

final as (

    select
        aptnum as appointment_id,
        {{ none_id_to_null('patnum') }} as patient_id,
        aptstatus as appointment_status_code,
        {{ empty_date_to_null('aptdatetime') }} as appointment_at,
        nullif({{ trimmed('pattern') }}, '') as pattern_text,
        {{ none_id_to_null('confirmed') }} as confirmed_definition_id,
        {{ none_id_to_null('op') }} as operatory_id,
        {{ none_id_to_null('clinicnum') }} as clinic_id,
        {{ none_id_to_null('provnum') }} as provider_id,
        {{ none_id_to_null('provhyg') }} as hygienist_id,
        {{ flag_to_boolean('ishygiene') }} as is_hygiene,
        {{ none_id_to_null('assistant') }} as assistant_id,
        {{ none_id_to_null('appointmenttypenum') }} as appointment_type_id,
        {{ none_id_to_null('nextaptnum') }} as planned_appointment_id,
        {{ none_id_to_null('unschedstatus') }} as unscheduled_status_definition_id,
        {{ flag_to_boolean('isnewpatient') }} as is_new_patient,
        priority as appointment_priority_code,
        {{ none_id_to_null('insplan1') }} as primary_insurance_plan_id,
        {{ none_id_to_null('insplan2') }} as secondary_insurance_plan_id,
        {{ empty_clock_to_null('datetimeaskedtoarrive') }} as asked_to_arrive_at,
        {{ empty_clock_to_null('datetimearrived') }} as arrived_at,
        {{ empty_clock_to_null('datetimeseated') }} as seated_at,
        {{ empty_clock_to_null('datetimedismissed') }} as dismissed_at,
        {{ empty_date_to_null('secdatetentry') }} as entry_at,
        {{ none_id_to_null('secusernumentry') }} as entry_user_id,
        datetstamp as changed_at,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
