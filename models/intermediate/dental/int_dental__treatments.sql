-- grain: one row per procedure of any status, with its whole fee and the category of its code
with procedures as (

    select * from {{ ref('int_dental__procedures') }}

),

statuses as (

    select * from {{ ref('opendental_procedure_statuses') }}

),

codes as (

    select * from {{ ref('int_dental__procedure_codes') }}

),

final as (

    select
        procedures.procedure_id,
        procedures.patient_id,
        procedures.appointment_id,
        procedures.planned_appointment_id,
        procedures.procedure_code_id,
        coalesce(procedures.provider_id, 0) as provider_id,
        coalesce(procedures.clinic_id, 0) as clinic_id,
        procedures.procedure_status_code,
        procedures.procedure_date,
        procedures.treatment_planned_date,
        procedures.priority_definition_id,
        cast(
            procedures.unit_fee_amount * (procedures.unit_quantity + procedures.base_units)
            as decimal(18, 2)
        ) as fee_amount,
        coalesce(codes.procedure_category, 'office codes') as procedure_category,
        coalesce(codes.is_utility, false) as is_utility,
        codes.utility_kind,
        coalesce(codes.is_broken_appointment_mark, false) as is_broken_appointment_mark,
        coalesce(codes.is_hygiene, false) as is_hygiene,
        coalesce(codes.is_routine, false) as is_routine,
        coalesce(codes.is_periodontal, false) as is_periodontal,
        coalesce(statuses.is_planned, false) as is_planned,
        coalesce(statuses.is_deleted, false) as is_deleted,
        coalesce(statuses.is_completed and procedures.procedure_date <= {{ as_of() }}, false)
            as is_completed,
        coalesce(statuses.is_completed, false) as is_ever_completed
    from procedures
    left join statuses
        on procedures.procedure_status_code = statuses.procedure_status_code
    left join codes on procedures.procedure_code_id = codes.procedure_code_id

)

select * from final
