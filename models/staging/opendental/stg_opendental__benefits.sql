with source as (

    select * from {{ source('raw_opendental', 'benefit') }}

),

final as (

    select
        benefitnum as benefit_id,
        {{ none_id_to_null('plannum') }} as insurance_plan_id,
        {{ none_id_to_null('patplannum') }} as patient_plan_id,
        {{ none_id_to_null('covcatnum') }} as benefit_category_id,
        {{ none_id_to_null('codenum') }} as procedure_code_id,
        {{ none_id_to_null('codegroupnum') }} as code_group_id,
        benefittype as benefit_type_code,
        {{ blank_to_null('percent', 'integer') }} as covered_percent,
        {{ blank_to_null('monetaryamt') }} as benefit_amount,
        timeperiod as time_period_code,
        quantityqualifier as quantity_qualifier_code,
        quantity,
        coveragelevel as coverage_level_code,
        treatarea as treatment_area_code,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
