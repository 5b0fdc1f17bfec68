-- grain: one row per insurance plan, or coverage with benefits of its own, with an annual maximum
with general_categories as (

    select benefit_category_id from {{ ref('stg_opendental__benefit_categories') }}
    where electronic_benefit_category_code in (0, 1)

),

benefits as (

    select * from {{ ref('stg_opendental__benefits') }}

),

final as (

    select
        benefits.insurance_plan_id,
        benefits.patient_plan_id,
        max(benefits.benefit_amount) as annual_maximum_amount
    from benefits
    left join general_categories
        on benefits.benefit_category_id = general_categories.benefit_category_id
    where
        benefits.benefit_type_code = 5
        and benefits.quantity_qualifier_code = 0
        and benefits.procedure_code_id is null
        and benefits.code_group_id is null
        and benefits.time_period_code in (1, 2)
        and benefits.coverage_level_code <> 2
        and (
            benefits.benefit_category_id is null
            or general_categories.benefit_category_id is not null
        )
    group by benefits.insurance_plan_id, benefits.patient_plan_id

)

select * from final
