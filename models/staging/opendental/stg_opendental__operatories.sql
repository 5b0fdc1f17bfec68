with source as (

    select * from {{ source('raw_opendental', 'operatory') }}

),

final as (

    select
        operatorynum as operatory_id,
        nullif({{ trimmed('opname') }}, '') as operatory_name,
        nullif({{ trimmed('abbrev') }}, '') as abbreviation,
        itemorder as item_order,
        {{ none_id_to_null('clinicnum') }} as clinic_id,
        {{ none_id_to_null('provdentist') }} as dentist_id,
        {{ none_id_to_null('provhygienist') }} as hygienist_id,
        {{ flag_to_boolean('ishygiene') }} as is_hygiene,
        {{ none_id_to_null('operatorytype') }} as operatory_type_definition_id,
        {{ flag_to_boolean('iswebsched') }} as is_web_schedule,
        {{ flag_to_boolean('isnewpatappt') }} as is_new_patient,
        {{ flag_to_boolean('setprospective') }} as is_prospective,
        {{ flag_to_boolean('ishidden') }} as is_hidden,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
