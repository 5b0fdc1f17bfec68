-- grain: one row per month of planning, clinic and provider
with planned as (

    select * from {{ ref('int_dental__planned_by_patient') }}

),

cohorts as (

    {{ acceptance_cohorts(['planned_month', 'clinic_id', 'provider_id']) }}

),

final as (

    select
        *,
        {{ acceptance_rates() }}
    from cohorts

)

select * from final
