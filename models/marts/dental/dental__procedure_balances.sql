-- grain: one row per completed procedure
with procedures as (

    select * from {{ ref('dental__fact_procedures') }}
    where is_completed

),

adjustments as (

    select * from {{ ref('dental__fact_adjustments') }}
    where procedure_id is not null

),

payment_splits as (

    select * from {{ ref('dental__fact_payment_splits') }}
    where not is_hidden

),

-- Everything that lowers a procedure's balance, row by row; one sum by procedure follows.
parts as (

    select
        procedure_id,
        case when is_pending then insurance_estimate_amount else 0 end as insurance_pending_amount,
        case when is_received then insurance_paid_amount else 0 end as insurance_paid_amount,
        case when is_pending or is_received then write_off_amount else 0 end as write_off_amount,
        insurance_paid_amount + write_off_amount as paid_line_amount,
        0 as adjustment_amount,
        0 as patient_paid_amount,
        0 as adjustment_paid_amount
    from {{ ref('dental__fact_claim_procedures') }}
    where procedure_id is not null and is_paid_line
    union all
    select
        procedure_id,
        0 as insurance_pending_amount,
        0 as insurance_paid_amount,
        0 as write_off_amount,
        0 as paid_line_amount,
        adjustment_amount,
        0 as patient_paid_amount,
        0 as adjustment_paid_amount
    from adjustments
    union all
    select
        procedure_id,
        0 as insurance_pending_amount,
        0 as insurance_paid_amount,
        0 as write_off_amount,
        0 as paid_line_amount,
        0 as adjustment_amount,
        split_amount as patient_paid_amount,
        0 as adjustment_paid_amount
    from payment_splits
    where procedure_id is not null
    union all
    select
        adjustments.procedure_id,
        0 as insurance_pending_amount,
        0 as insurance_paid_amount,
        0 as write_off_amount,
        0 as paid_line_amount,
        0 as adjustment_amount,
        0 as patient_paid_amount,
        payment_splits.split_amount as adjustment_paid_amount
    from payment_splits
    inner join adjustments on payment_splits.adjustment_id = adjustments.adjustment_id
    where payment_splits.procedure_id is null

),

summed as (

    select
        procedure_id,
        sum(insurance_pending_amount) as insurance_pending_amount,
        sum(insurance_paid_amount) as insurance_paid_amount,
        sum(write_off_amount) as write_off_amount,
        sum(paid_line_amount) as paid_line_amount,
        sum(adjustment_amount) as adjustment_amount,
        sum(patient_paid_amount) as patient_paid_amount,
        sum(adjustment_paid_amount) as adjustment_paid_amount
    from parts
    group by procedure_id

),

final as (

    select
        procedures.procedure_id,
        procedures.patient_id,
        procedures.provider_id,
        procedures.clinic_id,
        procedures.procedure_code_id,
        procedures.procedure_date,
        procedures.line_fee_amount,
        procedures.capitation_write_off_amount,
        cast(coalesce(summed.insurance_pending_amount, 0) as decimal(18, 2))
            as insurance_pending_amount,
        cast(coalesce(summed.insurance_paid_amount, 0) as decimal(18, 2))
            as insurance_paid_amount,
        cast(coalesce(summed.write_off_amount, 0) as decimal(18, 2)) as write_off_amount,
        cast(coalesce(summed.adjustment_amount, 0) as decimal(18, 2)) as adjustment_amount,
        cast(coalesce(summed.adjustment_paid_amount, 0) as decimal(18, 2))
            as adjustment_paid_amount,
        cast(coalesce(summed.patient_paid_amount, 0) as decimal(18, 2)) as patient_paid_amount,
        cast(
            procedures.line_fee_amount - procedures.capitation_write_off_amount
            - coalesce(
                summed.insurance_pending_amount + summed.insurance_paid_amount
                + summed.write_off_amount - summed.adjustment_amount
                + summed.adjustment_paid_amount + summed.patient_paid_amount, 0
            ) as decimal(18, 2)
        ) as balance_amount,
        cast(
            case
                when procedures.unit_fee_amount >= 0
                    then
                        greatest(
                            coalesce(
                                summed.paid_line_amount + summed.patient_paid_amount
                                - summed.adjustment_amount, 0
                            ) - procedures.line_fee_amount, 0
                        )
                else 0
            end as decimal(18, 2)
        ) as overpaid_amount
    from procedures
    left join summed on procedures.procedure_id = summed.procedure_id

)

select * from final
