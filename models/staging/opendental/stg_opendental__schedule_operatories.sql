with source as (

    select * from {{ source('raw_opendental', 'scheduleop') }}

),

final as (

    select
        scheduleopnum as schedule_operatory_id,
        {{ none_id_to_null('schedulenum') }} as schedule_id,
        {{ none_id_to_null('operatorynum') }} as operatory_id,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
