-- grain: one row per patient with a visit, a past appointment or planned treatment
with days as (

    select * from {{ ref('int_dental__patient_days') }}

),

appointments as (

    select * from {{ ref('int_dental__appointments') }}
    where is_booking and cast(starts_at as date) <= {{ as_of() }}

),

planned as (

    select * from {{ ref('int_dental__planned_treatments') }}
    where is_presented and is_mature

),

parts as (

    select
        patient_id,
        min(day) as first_visit_date,
        max(day) as last_visit_date,
        sum(case when day > {{ add_days(as_of(), -365) }} then production_amount else 0 end)
            as production_365_days,
        0 as kept_appointments,
        0 as broken_appointments,
        0 as mature_presented_amount,
        0 as mature_accepted_amount,
        0 as mature_case_presented_amount,
        0 as mature_case_accepted_amount,
        0 as mature_presented_procedures
    from days
    group by patient_id
    union all
    select
        patient_id,
        cast(null as date) as first_visit_date,
        cast(null as date) as last_visit_date,
        0 as production_365_days,
        sum(case when is_kept then 1 else 0 end) as kept_appointments,
        sum(case when is_broken then 1 else 0 end) as broken_appointments,
        0 as mature_presented_amount,
        0 as mature_accepted_amount,
        0 as mature_case_presented_amount,
        0 as mature_case_accepted_amount,
        0 as mature_presented_procedures
    from appointments
    group by patient_id
    union all
    select
        patient_id,
        cast(null as date) as first_visit_date,
        cast(null as date) as last_visit_date,
        0 as production_365_days,
        0 as kept_appointments,
        0 as broken_appointments,
        sum(fee_amount) as mature_presented_amount,
        sum(case when is_accepted then fee_amount else 0 end) as mature_accepted_amount,
        sum(case when is_case then fee_amount else 0 end) as mature_case_presented_amount,
        sum(case when is_case and is_accepted then fee_amount else 0 end)
            as mature_case_accepted_amount,
        count(*) as mature_presented_procedures
    from planned
    group by patient_id

),

final as (

    select
        patient_id,
        min(first_visit_date) as first_visit_date,
        max(last_visit_date) as last_visit_date,
        sum(production_365_days) as production_365_days,
        sum(kept_appointments) as kept_appointments,
        sum(broken_appointments) as broken_appointments,
        sum(mature_presented_amount) as mature_presented_amount,
        sum(mature_accepted_amount) as mature_accepted_amount,
        sum(mature_case_presented_amount) as mature_case_presented_amount,
        sum(mature_case_accepted_amount) as mature_case_accepted_amount,
        sum(mature_presented_procedures) as mature_presented_procedures
    from parts
    group by patient_id

)

select * from final
