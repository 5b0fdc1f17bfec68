-- grain: one row per patient with coverage in force on the as-of day: the first in order
with memberships as (

    select
        *,
        row_number() over (
            partition by patient_id order by ordinal asc nulls last, patient_plan_id asc nulls last
        ) as plan_rank
    from {{ ref('int_dental__coverage_in_force') }}

),

plans as (

    select * from {{ ref('stg_opendental__insurance_plans') }}

),

maximums as (

    select * from {{ ref('int_dental__annual_maximums') }}

),

final as (

    select
        memberships.patient_id,
        memberships.insurance_plan_id,
        memberships.insurance_subscription_id,
        coalesce(own.annual_maximum_amount, shared.annual_maximum_amount)
            as annual_maximum_amount,
        {{ benefit_year_start(as_of(), 'plans.renewal_month') }} as benefit_year_start
    from memberships
    inner join plans on memberships.insurance_plan_id = plans.insurance_plan_id
    left join maximums as shared
        on
            memberships.insurance_plan_id = shared.insurance_plan_id
            and shared.patient_plan_id is null
    left join maximums as own on memberships.patient_plan_id = own.patient_plan_id
    where memberships.plan_rank = 1

)

select * from final
