with source as (

    select * from {{ source('raw_opendental', 'referral') }}

),

final as (

    select
        referralnum as referral_id,
        nullif({{ trimmed('lname') }}, '') as last_name,
        nullif({{ trimmed('fname') }}, '') as first_name,
        nullif({{ trimmed('businessname') }}, '') as business_name,
        {{ none_id_to_null('specialty') }} as specialty_definition_id,
        {{ none_id_to_null('patnum') }} as patient_id,
        {{ flag_to_boolean('isdoctor') }} as is_doctor,
        {{ flag_to_boolean('notperson') }} as is_not_person,
        {{ flag_to_boolean('ispreferred') }} as is_preferred,
        {{ flag_to_boolean('ishidden') }} as is_hidden,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
