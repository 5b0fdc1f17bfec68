-- grain: one row per patient with a primary plan: what its annual maximum leaves on the as-of day
with memberships as (

    select
        *,
        row_number() over (
            partition by patient_id order by ordinal asc nulls last, patient_plan_id asc nulls last
        ) as plan_rank
    from {{ ref('int_dental__plan_memberships') }}
    where
        not is_pending
        and insurance_plan_id is not null
        and coalesce(effective_date, cast('1880-01-01' as date)) <= {{ as_of() }}
        and coalesce(term_date, cast('9999-12-31' as date)) >= {{ as_of() }}

),

plans as (

    select * from {{ ref('stg_opendental__insurance_plans') }}

),

maximums as (

    select * from {{ ref('int_dental__annual_maximums') }}

),

primary_plans as (

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

),

uses as (

    select
        primary_plans.patient_id,
        sum(case
            when lines.claim_procedure_status_code in (1, 3, 4) then lines.insurance_paid_amount
            else 0
        end) as used_amount,
        sum(case
            when lines.claim_procedure_status_code = 0 and lines.insurance_paid_amount = 0
                then lines.insurance_estimate_amount
            else 0
        end) as pending_amount
    from primary_plans
    inner join {{ ref('stg_opendental__claim_procedures') }} as lines
        on
            primary_plans.patient_id = lines.patient_id
            and primary_plans.insurance_subscription_id = lines.insurance_subscription_id
            and lines.service_date >= primary_plans.benefit_year_start
            and lines.service_date <= {{ as_of() }}
    group by primary_plans.patient_id

),

final as (

    select
        primary_plans.patient_id,
        primary_plans.insurance_plan_id,
        primary_plans.benefit_year_start,
        primary_plans.annual_maximum_amount,
        cast(coalesce(uses.used_amount, 0) as decimal(18, 2)) as used_amount,
        cast(coalesce(uses.pending_amount, 0) as decimal(18, 2)) as pending_amount,
        case
            when
                primary_plans.annual_maximum_amount
                < coalesce(uses.used_amount, 0) + coalesce(uses.pending_amount, 0)
                then cast(0 as decimal(18, 2))
            else cast(
                primary_plans.annual_maximum_amount
                - coalesce(uses.used_amount, 0) - coalesce(uses.pending_amount, 0)
                as decimal(18, 2)
            )
        end as remaining_amount
    from primary_plans
    left join uses on primary_plans.patient_id = uses.patient_id

)

select * from final
