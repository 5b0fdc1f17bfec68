with settings as (

    select * from {{ ref('int_dental__settings') }}

),

plans as (

    select * from {{ ref('stg_opendental__payment_plans') }}

),

charges as (

    select * from {{ ref('stg_opendental__payment_plan_charges') }}

),

link_credits as (

    select * from {{ ref('int_dental__payment_plan_link_credits') }}

),

final as (

    -- Insurance plans debit nobody.
    select
        'payment_plan_debit' as transaction_kind,
        'payplancharge' as source_table,
        charges.payment_plan_charge_id as source_id,
        charges.payment_plan_id,
        charges.guarantor_id as patient_id,
        charges.provider_id,
        charges.clinic_id,
        charges.procedure_id,
        charges.charge_date as transaction_date,
        cast(charges.entry_at as date) as entry_date,
        charges.principal_amount + charges.interest_amount as amount,
        charges.charge_date is null or charges.charge_date <= {{ as_of() }} as is_on_account
    from charges
    inner join plans on charges.payment_plan_id = plans.payment_plan_id
    cross join settings
    where
        charges.payment_plan_charge_type_code = 0
        and plans.insurance_plan_id is null
        and settings.payment_plan_version = 2
    union all
    select
        'payment_plan_credit' as transaction_kind,
        'payplancharge' as source_table,
        charges.payment_plan_charge_id as source_id,
        charges.payment_plan_id,
        case
            when settings.payment_plan_version = 2 then plans.patient_id
            else charges.patient_id
        end as patient_id,
        charges.provider_id,
        charges.clinic_id,
        charges.procedure_id,
        charges.charge_date as transaction_date,
        cast(charges.entry_at as date) as entry_date,
        -charges.principal_amount as amount,
        charges.charge_date is null or charges.charge_date <= {{ as_of() }} as is_on_account
    from charges
    left join plans on charges.payment_plan_id = plans.payment_plan_id
    cross join settings
    where
        charges.payment_plan_charge_type_code = 1
        and settings.payment_plan_version in (2, 3)
    union all
    select
        'payment_plan_link_credit' as transaction_kind,
        'payplanlink' as source_table,
        link_credits.payment_plan_link_id as source_id,
        link_credits.payment_plan_id,
        link_credits.patient_id,
        link_credits.provider_id,
        link_credits.clinic_id,
        link_credits.procedure_id,
        link_credits.linked_date as transaction_date,
        link_credits.linked_date as entry_date,
        -link_credits.credit_amount as amount,
        true as is_on_account
    from link_credits
    cross join settings
    where settings.payment_plan_version in (2, 3)
    union all
    -- Version 4 counts the plans that track insurance money only.
    select
        'payment_plan_completed' as transaction_kind,
        'payplan' as source_table,
        plans.payment_plan_id as source_id,
        plans.payment_plan_id,
        plans.patient_id,
        cast(null as bigint) as provider_id,
        cast(null as bigint) as clinic_id,
        cast(null as bigint) as procedure_id,
        plans.payment_plan_date as transaction_date,
        plans.payment_plan_date as entry_date,
        -plans.completed_amount as amount,
        true as is_on_account
    from plans
    cross join settings
    where
        settings.payment_plan_version = 1
        or (settings.payment_plan_version = 4 and plans.insurance_plan_id is not null)

)

select * from final
where amount <> 0
