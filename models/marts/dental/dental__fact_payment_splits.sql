-- grain: one row per split of a patient payment or income transfer
with payment_splits as (

    select * from {{ ref('stg_opendental__payment_splits') }}
    where {{ dental_is_known('patient_payment') }}

),

payments as (

    select * from {{ ref('stg_opendental__payments') }}
    where {{ dental_is_known('patient_payment') }}

),

payment_types as (

    select * from {{ ref('stg_opendental__definitions') }}

),

unearned_types as (

    select * from {{ ref('stg_opendental__definitions') }}

),

final as (

    select
        payment_splits.payment_split_id,
        payment_splits.payment_id,
        payment_splits.patient_id,
        payment_splits.provider_id,
        payment_splits.clinic_id,
        payment_splits.procedure_id,
        payment_splits.adjustment_id,
        payment_splits.payment_plan_id,
        payment_splits.payment_plan_charge_id,
        payments.payment_type_definition_id,
        payment_types.item_name as payment_type_name,
        payment_splits.unearned_type_definition_id,
        unearned_types.item_name as unearned_type_name,
        payment_splits.unearned_type_definition_id is not null as is_unearned,
        unearned_types.item_value is not null as is_hidden,
        payments.payment_id is not null and payments.payment_type_definition_id is null
            as is_income_transfer,
        payment_splits.is_discount,
        payments.payment_id is null as is_without_payment,
        payment_splits.split_amount,
        payment_splits.payment_date,
        payments.payment_date as payment_posted_date,
        payment_splits.entry_date
    from payment_splits
    left join payments on payment_splits.payment_id = payments.payment_id
    left join payment_types
        on payments.payment_type_definition_id = payment_types.definition_id
    left join unearned_types
        on payment_splits.unearned_type_definition_id = unearned_types.definition_id

)

select * from final
