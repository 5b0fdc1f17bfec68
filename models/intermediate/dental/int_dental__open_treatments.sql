-- grain: one row per patient with treatment that is planned now (status 1, not the inactive plans)
with treatments as (

    select * from {{ ref('int_dental__treatments') }}
    where procedure_status_code = 1 and not is_utility and patient_id is not null

),

scheduled_appointments as (

    select appointment_id from {{ ref('int_dental__appointments') }}
    where is_scheduled

),

final as (

    select
        treatments.patient_id,
        cast(count(*) as bigint) as planned_procedures,
        cast(sum(
            case when scheduled_appointments.appointment_id is null then 1 else 0 end
        ) as bigint) as unscheduled_procedures,
        cast(sum(treatments.fee_amount) as decimal(18, 2)) as planned_amount,
        cast(sum(
            case
                when scheduled_appointments.appointment_id is null then 0
                else treatments.fee_amount
            end
        ) as decimal(18, 2)) as scheduled_amount,
        cast(sum(
            case
                when scheduled_appointments.appointment_id is null then treatments.fee_amount
                else 0
            end
        ) as decimal(18, 2)) as unscheduled_amount,
        min(treatments.treatment_planned_date) as first_planned_date,
        max(treatments.treatment_planned_date) as last_planned_date
    from treatments
    left join scheduled_appointments
        on treatments.appointment_id = scheduled_appointments.appointment_id
    where
        treatments.treatment_planned_date is null
        or treatments.treatment_planned_date <= {{ as_of() }}
    group by treatments.patient_id

)

select * from final
