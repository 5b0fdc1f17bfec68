with source as (

    select * from {{ source('raw_opendental', 'refattach') }}

),

final as (

    select
        refattachnum as referral_attachment_id,
        {{ none_id_to_null('referralnum') }} as referral_id,
        {{ none_id_to_null('patnum') }} as patient_id,
        itemorder as item_order,
        {{ empty_date_to_null('refdate') }} as referral_date,
        reftype as referral_type_code,
        reftostatus as referral_status_code,
        {{ none_id_to_null('procnum') }} as procedure_id,
        {{ none_id_to_null('provnum') }} as provider_id,
        {{ empty_date_to_null('dateproccomplete') }} as procedure_complete_date,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
