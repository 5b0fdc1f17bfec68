with source as (

    select * from {{ source('raw_opendental', 'recalltrigger') }}

),

final as (

    select
        recalltriggernum as recall_trigger_id,
        {{ none_id_to_null('recalltypenum') }} as recall_type_id,
        {{ none_id_to_null('codenum') }} as procedure_code_id,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
