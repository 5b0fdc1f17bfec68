with source as (

    select * from {{ source('raw_opendental', 'patplan') }}

),

final as (

    select
        patplannum as patient_plan_id,
        {{ none_id_to_null('patnum') }} as patient_id,
        {{ none_id_to_null('inssubnum') }} as insurance_subscription_id,
        ordinal,
        relationship as relationship_code,
        {{ flag_to_boolean('ispending') }} as is_pending,
        {{ empty_date_to_null('secdatetentry') }} as entry_at,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
