with source as (

    select * from {{ source('raw_opendental', 'proctp') }}

),

final as (

    select
        proctpnum as treatment_plan_procedure_id,
        {{ none_id_to_null('treatplannum') }} as treatment_plan_id,
        {{ none_id_to_null('patnum') }} as patient_id,
        {{ none_id_to_null('procnumorig') }} as procedure_id,
        itemorder as item_order,
        {{ none_id_to_null('priority') }} as priority_definition_id,
        nullif({{ trimmed('proccode') }}, '') as procedure_code,
        nullif({{ trimmed('toothnumtp') }}, '') as tooth_number,
        nullif({{ trimmed('surf') }}, '') as surface,
        {{ dental_amount('feeamt') }} as fee_amount,
        {{ dental_amount('priinsamt') }} as primary_insurance_amount,
        {{ dental_amount('secinsamt') }} as secondary_insurance_amount,
        {{ dental_amount('patamt') }} as patient_amount,
        {{ dental_amount('discount') }} as discount_amount,
        {{ dental_amount('feeallowed') }} as allowed_fee_amount,
        {{ none_id_to_null('provnum') }} as provider_id,
        {{ none_id_to_null('clinicnum') }} as clinic_id,
        {{ empty_date_to_null('datetp') }} as treatment_planned_date,
        {{ empty_date_to_null('secdateentry') }} as entry_date,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
