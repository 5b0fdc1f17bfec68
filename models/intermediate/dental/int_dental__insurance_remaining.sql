-- grain: one row per patient with a primary plan: what its annual maximum leaves on the as-of day
with primary_plans as (

    select * from {{ ref('int_dental__primary_plans') }}

),

lines as (

    select * from {{ ref('int_dental__claim_procedures') }}

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
    inner join lines
        on
            primary_plans.patient_id = lines.patient_id
            and primary_plans.insurance_subscription_id = lines.insurance_subscription_id
            and primary_plans.benefit_year_start <= lines.service_date
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
