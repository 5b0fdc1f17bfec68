-- grain: one row per planned procedure whose time to be accepted is not over
with plans as (

    select * from {{ ref('ml__procedure_acceptance_features') }}

),

open_plans as (

    select * from plans
    where is_open

),

scores as (

    select * from {{ ref('int_ml__dental_scores') }}
    where model_name = 'procedure_acceptance'

),

categories as (

    select
        procedure_category,
        sum(case when is_accepted then 1 else 0 end) * 1.0 / count(*) as acceptance_rate
    from plans
    where is_accepted is not null
    group by procedure_category

),

practice as (

    select avg(case when is_accepted then 1.0e0 else 0.0e0 end) as acceptance_rate
    from plans
    where is_accepted is not null

),

chosen as (

    select
        open_plans.procedure_id,
        open_plans.patient_id,
        open_plans.procedure_code,
        open_plans.procedure_category,
        open_plans.treatment_planned_date,
        open_plans.fee_amount,
        coalesce(scores.probability, categories.acceptance_rate, practice.acceptance_rate)
            as acceptance_probability,
        case
            when scores.probability is not null then 'model ' || scores.model_version
            when categories.acceptance_rate is not null then 'rule: rate of the category'
            else 'rule: rate of the practice'
        end as probability_source,
        scores.reasons
    from open_plans
    cross join practice
    left join scores on open_plans.entity_id = scores.entity_id
    left join categories on open_plans.procedure_category = categories.procedure_category

),

final as (

    select
        procedure_id,
        patient_id,
        procedure_code,
        procedure_category,
        treatment_planned_date,
        fee_amount,
        cast(acceptance_probability as {{ type_double() }}) as acceptance_probability,
        probability_source,
        reasons,
        cast(
            round(fee_amount * cast(acceptance_probability as decimal(28, 10)), 2) as decimal(18, 2)
        )
            as expected_amount,
        cast(row_number() over (
            order by
                fee_amount * cast(acceptance_probability as decimal(28, 10)) desc nulls last,
                procedure_id asc nulls last
        ) as bigint) as plan_rank
    from chosen

)

select * from final
