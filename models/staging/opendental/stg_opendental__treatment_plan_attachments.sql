with source as (

    select * from {{ source('raw_opendental', 'treatplanattach') }}

),

final as (

    select
        treatplanattachnum as treatment_plan_attachment_id,
        {{ none_id_to_null('treatplannum') }} as treatment_plan_id,
        {{ none_id_to_null('procnum') }} as procedure_id,
        {{ none_id_to_null('priority') }} as priority_definition_id,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
