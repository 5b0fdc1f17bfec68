-- grain: one row per procedure known on the as-of day, with the status of that day
with procedures as (

    select * from {{ ref('stg_opendental__procedures') }}

),

final as (

    select
        procedures.procedure_id,
        procedures.patient_id,
        procedures.provider_id,
        procedures.clinic_id,
        procedures.procedure_code_id,
        procedures.appointment_id,
        procedures.planned_appointment_id,
        cast(
            case
                when
                    procedures.procedure_status_code = 2
                    and not {{ is_known(['procedures.entry_date', 'procedures.procedure_date']) }}
                    then 1
                else procedures.procedure_status_code
            end as smallint
        ) as procedure_status_code,
        procedures.procedure_date,
        procedures.treatment_planned_date,
        procedures.completed_date,
        procedures.entry_date,
        procedures.created_at,
        procedures.unit_fee_amount,
        procedures.unit_quantity,
        procedures.base_units,
        procedures.tooth_number,
        procedures.tooth_range,
        procedures.surface,
        procedures.priority_definition_id,
        procedures.diagnosis_definition_id,
        procedures.prognosis_definition_id,
        procedures.place_of_service_code,
        procedures.procedure_urgency_code,
        procedures.planned_discount_amount,
        procedures.discount_plan_amount,
        procedures.tax_amount,
        procedures.lab_parent_procedure_id,
        procedures.billing_type_definition_id,
        procedures.entry_user_id,
        procedures.statement_id,
        procedures.repeat_charge_id,
        procedures.changed_at,
        procedures._extracted_at
    from procedures
    where
        {{ dental_is_known('procedure', 'procedures') }}

)

select * from final
