with source as (

    select * from {{ source('raw_opendental', 'procmultivisit') }}

),

final as (

    select
        procmultivisitnum as procedure_visit_group_id,
        {{ none_id_to_null('groupprocmultivisitnum') }} as group_id,
        {{ none_id_to_null('procnum') }} as procedure_id,
        {{ none_id_to_null('patnum') }} as patient_id,
        procstatus as procedure_status_code,
        {{ flag_to_boolean('isinprocess') }} as is_in_process,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
