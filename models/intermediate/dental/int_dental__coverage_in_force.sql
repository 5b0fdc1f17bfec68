-- grain: one row per coverage of a patient that is in force on the as-of day
with memberships as (

    select * from {{ ref('int_dental__plan_memberships') }}

),

final as (

    select
        patient_plan_id,
        patient_id,
        insurance_subscription_id,
        insurance_plan_id,
        ordinal
    from memberships
    where
        not is_pending
        and insurance_plan_id is not null
        and coalesce(effective_date <= {{ as_of() }}, true)
        and coalesce(term_date >= {{ as_of() }}, true)

)

select * from final
