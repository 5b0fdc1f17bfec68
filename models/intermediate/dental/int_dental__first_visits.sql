-- grain: one row per patient who was ever treated: the day of their first completed procedure
with treatments as (

    select * from {{ ref('int_dental__treatments') }}
    where is_completed and not is_broken_appointment_mark and patient_id is not null

),

first_days as (

    select
        patient_id,
        min(procedure_date) as first_visit_date
    from treatments
    group by patient_id

),

final as (

    select
        first_days.patient_id,
        first_days.first_visit_date,
        cast(sum(
            case
                when treatments.procedure_date = first_days.first_visit_date
                    then treatments.fee_amount
                else 0
            end
        ) as decimal(18, 2)) as first_day_production_amount,
        cast(sum(
            case
                when
                    treatments.procedure_date
                    < {{ add_days('first_days.first_visit_date', 365) }}
                    then treatments.fee_amount
                else 0
            end
        ) as decimal(18, 2)) as first_year_production_amount
    from first_days
    inner join treatments on first_days.patient_id = treatments.patient_id
    group by first_days.patient_id, first_days.first_visit_date

)

select * from final
