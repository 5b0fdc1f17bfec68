with source as (

    select * from {{ source('raw_opendental', 'schedule') }}

),

final as (

    select
        schedulenum as schedule_id,
        {{ empty_date_to_null('scheddate') }} as schedule_date,
        {{ try_to('starttime', 'time') }} as start_time,
        {{ try_to('stoptime', 'time') }} as stop_time,
        schedtype as schedule_type_code,
        status as schedule_status_code,
        {{ none_id_to_null('provnum') }} as provider_id,
        {{ none_id_to_null('blockouttype') }} as blockout_type_definition_id,
        {{ none_id_to_null('employeenum') }} as employee_id,
        {{ none_id_to_null('clinicnum') }} as clinic_id,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
