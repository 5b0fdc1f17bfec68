-- grain: one row per patient and day before which something is asked about them
with patients as (

    select
        patient_id,
        coalesce(guarantor_id, patient_id) as guarantor_id
    from {{ ref('stg_opendental__patients') }}

),

asked as (

    select
        patient_id,
        treatment_planned_date as day
    from {{ ref('int_dental__treatments') }}
    where treatment_planned_date <= {{ as_of() }}
    union
    select
        patient_id,
        procedure_date as day
    from {{ ref('int_dental__treatments') }}
    where procedure_date <= {{ as_of() }}
    union
    select
        patient_id,
        case
            when cast(starts_at as date) > {{ as_of() }} then {{ add_days(as_of(), 1) }}
            else cast(starts_at as date)
        end as day
    from {{ ref('int_dental__appointments') }}
    where is_booking
    -- Every patient is asked about at the end of the as-of day: what is open now is ranked then.
    union
    select
        patient_id,
        {{ add_days(as_of(), 1) }} as day
    from patients

),

final as (

    select
        asked.patient_id,
        patients.guarantor_id,
        asked.day
    from asked
    inner join patients on asked.patient_id = patients.patient_id
    where asked.day is not null

)

select * from final
