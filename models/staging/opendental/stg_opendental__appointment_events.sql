with source as (

    select * from {{ source('raw_opendental', 'histappointment') }}

),

final as (

    select
        histapptnum as appointment_event_id,
        {{ empty_date_to_null('histdatetstamp') }} as event_at,
        histapptaction as appointment_action_code,
        {{ none_id_to_null('histusernum') }} as event_user_id,
        apptsource as event_source_code,
        {{ none_id_to_null('aptnum') }} as appointment_id,
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
        {{ none_id_to_null('appointmenttypenum') }} as appointment_type_id,
        {{ none_id_to_null('nextaptnum') }} as planned_appointment_id,
        {{ flag_to_boolean('isnewpatient') }} as is_new_patient,
        {{ empty_date_to_null('secdatetentry') }} as entry_at,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
