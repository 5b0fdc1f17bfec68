-- grain: one row per insurance plan
with plans as (

    select * from {{ ref('stg_opendental__insurance_plans') }}

),

carriers as (

    select * from {{ ref('stg_opendental__carriers') }}

),

definitions as (

    select * from {{ ref('stg_opendental__definitions') }}

),

codes as (

    select * from {{ ref('opendental_codes') }}

),

maximums as (

    select * from {{ ref('int_dental__annual_maximums') }}
    where patient_plan_id is null

),

members as (

    select
        insurance_plan_id,
        count(distinct patient_id) as member_count
    from {{ ref('int_dental__coverage_in_force') }}
    group by insurance_plan_id

),

final as (

    select
        plans.insurance_plan_id,
        plans.carrier_id,
        carriers.carrier_name,
        carriers.payer_number,
        carrier_groups.item_name as carrier_group,
        plans.group_name,
        plans.group_number,
        coalesce(plan_types.code_name, 'percentage') as plan_type,
        coordination_rules.code_name as coordination_rule,
        plans.fee_schedule_id,
        plans.copay_fee_schedule_id,
        plans.allowed_fee_schedule_id,
        plans.renewal_month,
        maximums.annual_maximum_amount,
        cast(coalesce(members.member_count, 0) as bigint) as member_count,
        plans.is_medical,
        plans.is_hidden
    from plans
    left join carriers on plans.carrier_id = carriers.carrier_id
    left join definitions as carrier_groups
        on carriers.carrier_group_definition_id = carrier_groups.definition_id
    left join codes as plan_types
        on
            plan_types.code_set = 'PlanType'
            and cast(plans.plan_type_code as {{ dbt.type_string() }})
            = plan_types.code
    left join codes as coordination_rules
        on
            coordination_rules.code_set = 'EnumCobRule'
            and cast(plans.coordination_rule_code as {{ dbt.type_string() }})
            = coordination_rules.code
    left join maximums on plans.insurance_plan_id = maximums.insurance_plan_id
    left join members on plans.insurance_plan_id = members.insurance_plan_id

)

select * from final
