-- grain: one row per adjustment
with adjustments as (

    select * from {{ ref('stg_opendental__adjustments') }}
    where {{ dental_is_known('adjustment') }}

),

definitions as (

    select * from {{ ref('stg_opendental__definitions') }}

),

final as (

    select
        adjustments.adjustment_id,
        adjustments.patient_id,
        adjustments.provider_id,
        adjustments.clinic_id,
        adjustments.procedure_id,
        adjustments.adjustment_type_definition_id,
        definitions.item_name as adjustment_type_name,
        definitions.item_value as adjustment_type_code,
        coalesce(definitions.item_value = 'dp', false) as is_discount_plan,
        adjustments.adjustment_amount,
        adjustments.adjustment_date,
        adjustments.procedure_date,
        adjustments.entry_date
    from adjustments
    left join definitions
        on adjustments.adjustment_type_definition_id = definitions.definition_id

)

select * from final
