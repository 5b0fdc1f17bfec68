with appointments as (

    select * from {{ ref('int_dental__appointments') }}
    where is_scheduled

),

procedures as (

    -- An inactive plan (8) is not scheduled work.
    select * from {{ ref('int_dental__procedures') }}
    where procedure_status_code = 1 and appointment_id is not null

),

settings as (

    select * from {{ ref('int_dental__settings') }}

),

write_offs as (

    select
        claim_procedures.procedure_id,
        sum(
            coalesce(
                claim_procedures.write_off_estimate_override_amount,
                claim_procedures.write_off_estimate_amount, 0
            )
        ) as write_off_estimate_amount
    from {{ ref('int_dental__claim_procedures') }} as claim_procedures
    inner join {{ ref('opendental_claim_procedure_statuses') }} as statuses
        on claim_procedures.claim_procedure_status_code = statuses.claim_procedure_status_code
    cross join settings
    where
        statuses.is_capitation_estimate
        or (statuses.is_estimate and settings.does_scheduled_subtract_write_offs)
    group by claim_procedures.procedure_id

),

final as (

    select
        procedures.procedure_id,
        procedures.appointment_id,
        procedures.patient_id,
        procedures.provider_id,
        nullif(appointments.clinic_id, 0) as clinic_id,
        cast(appointments.starts_at as date) as scheduled_date,
        cast(
            procedures.unit_fee_amount * (procedures.unit_quantity + procedures.base_units)
            - coalesce(write_offs.write_off_estimate_amount, 0) as decimal(18, 2)
        ) as scheduled_production_amount,
        -(procedures.planned_discount_amount + procedures.discount_plan_amount)
            as scheduled_discount_amount
    from procedures
    inner join appointments on procedures.appointment_id = appointments.appointment_id
    left join write_offs on procedures.procedure_id = write_offs.procedure_id

)

select * from final
