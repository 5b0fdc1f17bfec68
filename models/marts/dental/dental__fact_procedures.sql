-- grain: one row per procedure: planned, done, existing, referred, noted or deleted
with procedures as (

    select * from {{ ref('int_dental__procedures') }}

),

statuses as (

    select * from {{ ref('opendental_procedure_statuses') }}

),

procedure_codes as (

    select * from {{ ref('stg_opendental__procedure_codes') }}

),

definitions as (

    select * from {{ ref('stg_opendental__definitions') }}

),

capitation as (

    select
        claim_procedures.procedure_id,
        sum(claim_procedures.write_off_amount) as capitation_write_off_amount
    from {{ ref('int_dental__claim_procedures') }} as claim_procedures
    inner join {{ ref('opendental_claim_procedure_statuses') }} as claim_statuses
        on
            claim_procedures.claim_procedure_status_code
            = claim_statuses.claim_procedure_status_code
    where claim_statuses.is_capitation_write_off
    group by claim_procedures.procedure_id

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
        procedure_codes.procedure_code,
        procedure_codes.procedure_name,
        definitions.item_name as category_name,
        procedures.procedure_status_code,
        statuses.procedure_status_name,
        coalesce(statuses.is_completed, false) as is_completed,
        coalesce(statuses.is_planned, false) as is_planned,
        coalesce(procedure_codes.is_hygiene, false) as is_hygiene,
        procedures.tooth_number,
        procedures.surface,
        procedures.unit_fee_amount,
        procedures.unit_quantity + procedures.base_units as quantity,
        cast(
            procedures.unit_fee_amount * (procedures.unit_quantity + procedures.base_units)
            as decimal(18, 2)
        ) as line_fee_amount,
        cast(coalesce(capitation.capitation_write_off_amount, 0) as decimal(18, 2))
            as capitation_write_off_amount,
        procedures.planned_discount_amount,
        procedures.discount_plan_amount,
        procedures.procedure_date,
        procedures.treatment_planned_date,
        procedures.completed_date,
        procedures.entry_date
    from procedures
    left join statuses on procedures.procedure_status_code = statuses.procedure_status_code
    left join procedure_codes on procedures.procedure_code_id = procedure_codes.procedure_code_id
    left join definitions on procedure_codes.category_definition_id = definitions.definition_id
    left join capitation on procedures.procedure_id = capitation.procedure_id

)

select * from final
