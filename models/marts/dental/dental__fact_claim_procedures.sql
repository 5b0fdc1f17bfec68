-- grain: one row per claim procedure: estimate, claim line, payment line or benefit adjustment
with claim_procedures as (

    select * from {{ ref('int_dental__claim_procedures') }}

),

statuses as (

    select * from {{ ref('opendental_claim_procedure_statuses') }}

),

claim_payments as (

    select * from {{ ref('stg_opendental__claim_payments') }}
    where {{ is_known(['entry_date', 'check_date']) }}

),

snapshots as (

    select * from {{ ref('int_dental__claim_snapshots') }}

),

completed as (

    select procedure_id
    from {{ ref('dental__fact_procedures') }}
    where is_completed

),

final as (

    select
        claim_procedures.claim_procedure_id,
        claim_procedures.procedure_id,
        claim_procedures.claim_id,
        claim_procedures.claim_payment_id,
        claim_procedures.payment_plan_id,
        claim_procedures.insurance_plan_id,
        claim_procedures.insurance_subscription_id,
        claim_procedures.patient_id,
        claim_procedures.provider_id,
        claim_procedures.clinic_id,
        claim_procedures.claim_procedure_status_code,
        statuses.claim_procedure_status_name,
        coalesce(statuses.is_pending, false) as is_pending,
        coalesce(statuses.is_received, false) as is_received,
        coalesce(statuses.is_estimate, false) as is_estimate,
        coalesce(statuses.is_capitation_write_off, false) as is_capitation_write_off,
        coalesce(statuses.is_capitation_estimate, false) as is_capitation_estimate,
        coalesce(statuses.is_preauthorization, false) as is_preauthorization,
        coalesce(statuses.is_paid_line, false) as is_paid_line,
        coalesce(statuses.is_on_account, false) as is_money,
        claim_procedures.procedure_id is null or completed.procedure_id is not null
            as is_account_row,
        coalesce(statuses.is_on_account, false) and (
            claim_procedures.procedure_id is null or completed.procedure_id is not null
        ) as is_on_account,
        claim_procedures.is_not_billed_to_insurance,
        claim_procedures.is_transfer,
        claim_procedures.is_overpayment,
        claim_procedures.billed_fee_amount,
        claim_procedures.insurance_estimate_amount,
        claim_procedures.insurance_paid_amount,
        claim_procedures.write_off_amount,
        claim_procedures.deductible_amount,
        coalesce(
            claim_procedures.live_estimate_override_amount, claim_procedures.live_estimate_amount
        ) as effective_estimate_amount,
        coalesce(
            claim_procedures.write_off_estimate_override_amount,
            claim_procedures.write_off_estimate_amount, 0
        ) as effective_write_off_estimate_amount,
        snapshots.snapshot_insurance_estimate_amount,
        snapshots.snapshot_write_off_amount,
        snapshots.snapshot_date,
        claim_procedures.service_date,
        claim_procedures.payment_date,
        claim_payments.check_date,
        claim_procedures.received_date,
        claim_procedures.entry_date
    from claim_procedures
    left join statuses
        on claim_procedures.claim_procedure_status_code = statuses.claim_procedure_status_code
    left join claim_payments
        on claim_procedures.claim_payment_id = claim_payments.claim_payment_id
    left join snapshots on claim_procedures.claim_procedure_id = snapshots.claim_procedure_id
    left join completed on claim_procedures.procedure_id = completed.procedure_id

)

select * from final
