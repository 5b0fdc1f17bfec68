with source as (

    select * from {{ source('raw_opendental', 'userod') }}

),

final as (

    select
        usernum as user_id,
        nullif({{ trimmed('username') }}, '') as user_name,
        {{ none_id_to_null('provnum') }} as provider_id,
        {{ none_id_to_null('employeenum') }} as employee_id,
        {{ none_id_to_null('clinicnum') }} as clinic_id,
        {{ flag_to_boolean('ishidden') }} as is_hidden,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
