-- grain: one row per completed procedure of treatment: who has paid for it
with treatments as (

    select * from {{ ref('int_dental__treatments') }}
    where is_completed and not is_utility

),

hidden_types as (

    select definition_id from {{ ref('stg_opendental__definitions') }}
    where category_code = 29 and item_value is not null

),

insurance as (

    select
        procedure_id,
        sum(case
            when claim_procedure_status_code in (1, 4) then insurance_paid_amount else 0
        end) as insurance_paid_amount,
        sum(case
            when claim_procedure_status_code in (1, 4) then write_off_amount else 0
        end) as write_off_amount,
        sum(case
            when claim_procedure_status_code = 7 then write_off_amount else 0
        end) as capitation_write_off_amount,
        max(case when claim_procedure_status_code in (0, 1, 4, 5, 7) then 1 else 0 end)
            as has_insurance_line
    from {{ ref('int_dental__claim_procedures') }}
    where procedure_id is not null
    group by procedure_id

),

patient_money as (

    select
        splits.procedure_id,
        sum(splits.split_amount) as patient_paid_amount
    from {{ ref('stg_opendental__payment_splits') }} as splits
    left join hidden_types
        on splits.unearned_type_definition_id = hidden_types.definition_id
    where
        splits.procedure_id is not null
        and hidden_types.definition_id is null
        and {{ dental_is_known('patient_payment', 'splits') }}
    group by splits.procedure_id

),

adjusted as (

    select
        procedure_id,
        sum(adjustment_amount) as adjustment_amount
    from {{ ref('stg_opendental__adjustments') }}
    where procedure_id is not null and {{ dental_is_known('adjustment') }}
    group by procedure_id

),

final as (

    select
        treatments.procedure_id,
        treatments.patient_id,
        treatments.provider_id,
        treatments.clinic_id,
        treatments.procedure_category,
        treatments.procedure_date,
        treatments.fee_amount,
        coalesce(insurance.has_insurance_line, 0) = 1 as is_insured,
        coalesce(insurance.insurance_paid_amount, 0) as insurance_paid_amount,
        coalesce(insurance.write_off_amount, 0) as write_off_amount,
        coalesce(insurance.capitation_write_off_amount, 0) as capitation_write_off_amount,
        coalesce(adjusted.adjustment_amount, 0) as adjustment_amount,
        coalesce(patient_money.patient_paid_amount, 0) as patient_paid_amount
    from treatments
    left join insurance on treatments.procedure_id = insurance.procedure_id
    left join patient_money on treatments.procedure_id = patient_money.procedure_id
    left join adjusted on treatments.procedure_id = adjusted.procedure_id

)

select * from final
