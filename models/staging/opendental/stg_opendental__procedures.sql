with source as (

    select * from {{ source('raw_opendental', 'procedurelog') }}

),

final as (

    select
        procnum as procedure_id,
        {{ none_id_to_null('patnum') }} as patient_id,
        {{ none_id_to_null('provnum') }} as provider_id,
        {{ none_id_to_null('clinicnum') }} as clinic_id,
        {{ none_id_to_null('codenum') }} as procedure_code_id,
        {{ none_id_to_null('aptnum') }} as appointment_id,
        {{ none_id_to_null('plannedaptnum') }} as planned_appointment_id,
        procstatus as procedure_status_code,
        {{ empty_date_to_null('procdate') }} as procedure_date,
        {{ empty_date_to_null('datetp') }} as treatment_planned_date,
        {{ empty_date_to_null('datecomplete') }} as completed_date,
        {{ empty_date_to_null('dateentryc') }} as entry_date,
        {{ empty_date_to_null('secdateentry') }} as created_at,
        {{ dental_amount('procfee') }} as unit_fee_amount,
        cast(unitqty as bigint) as unit_quantity,
        cast(baseunits as bigint) as base_units,
        nullif({{ trimmed('toothnum') }}, '') as tooth_number,
        nullif({{ trimmed('toothrange') }}, '') as tooth_range,
        nullif({{ trimmed('surf') }}, '') as surface,
        {{ none_id_to_null('priority') }} as priority_definition_id,
        {{ none_id_to_null('dx') }} as diagnosis_definition_id,
        {{ none_id_to_null('prognosis') }} as prognosis_definition_id,
        placeservice as place_of_service_code,
        urgency as procedure_urgency_code,
        {{ dental_amount('discount') }} as planned_discount_amount,
        {{ dental_amount('discountplanamt') }} as discount_plan_amount,
        {{ dental_amount('taxamt') }} as tax_amount,
        {{ none_id_to_null('procnumlab') }} as lab_parent_procedure_id,
        {{ none_id_to_null('billingtypeone') }} as billing_type_definition_id,
        {{ none_id_to_null('secusernumentry') }} as entry_user_id,
        {{ none_id_to_null('statementnum') }} as statement_id,
        {{ none_id_to_null('repeatchargenum') }} as repeat_charge_id,
        datetstamp as changed_at,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
