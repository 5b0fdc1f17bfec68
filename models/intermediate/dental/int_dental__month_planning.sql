-- grain: one row per month of planning, over the whole practice
with planned as (

    select * from {{ ref('int_dental__planned_by_patient') }}

),

cohorts as (

    {{ acceptance_cohorts(['planned_month']) }}

),

final as (

    select
        planned_month as month,
        is_mature,
        presented_amount,
        accepted_amount,
        same_day_amount,
        case_presented_amount,
        case_accepted_amount,
        presented_patients,
        accepted_patients,
        case_presented_patients,
        case_accepted_patients
    from cohorts

)

select * from final
