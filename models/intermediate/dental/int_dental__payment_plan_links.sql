-- A planned procedure of a plan that awaits completion (option 1) is not on the plan yet.
with links as (

    select * from {{ ref('stg_opendental__payment_plan_links') }}

),

plans as (

    select * from {{ ref('stg_opendental__payment_plans') }}

),

procedures as (

    select * from {{ ref('stg_opendental__procedures') }}

),

statuses as (

    select * from {{ ref('opendental_procedure_statuses') }}

),

adjustments as (

    select * from {{ ref('stg_opendental__adjustments') }}

),

final as (

    select
        links.payment_plan_link_id,
        links.payment_plan_id,
        procedures.procedure_id,
        cast(null as bigint) as adjustment_id,
        procedures.patient_id,
        procedures.provider_id,
        procedures.clinic_id,
        procedures.unit_fee_amount * (procedures.unit_quantity + procedures.base_units)
            as item_amount,
        links.override_amount,
        cast(links.entry_at as date) as linked_date
    from links
    inner join plans on links.payment_plan_id = plans.payment_plan_id
    inner join procedures on links.linked_id = procedures.procedure_id
    inner join statuses on procedures.procedure_status_code = statuses.procedure_status_code
    where
        links.payment_plan_link_type_code = 2
        and (plans.planned_treatment_option_code <> 1 or statuses.is_completed)
    union all
    select
        links.payment_plan_link_id,
        links.payment_plan_id,
        cast(null as bigint) as procedure_id,
        adjustments.adjustment_id,
        adjustments.patient_id,
        adjustments.provider_id,
        adjustments.clinic_id,
        adjustments.adjustment_amount as item_amount,
        links.override_amount,
        cast(links.entry_at as date) as linked_date
    from links
    inner join adjustments on links.linked_id = adjustments.adjustment_id
    where links.payment_plan_link_type_code = 1

)

select * from final
