{#- Paid or answered by the as-of day. -#}
{%- set was_received = dental_is_known('insurance_payment', 'claim_procedures') -%}
-- grain: one row per claim procedure known on the as-of day, with the status of that day
with claim_procedures as (

    select * from {{ ref('stg_opendental__claim_procedures') }}

),

later_claims as (

    select claim_id from {{ ref('stg_opendental__claims') }}
    where not {{ is_known(['entry_date', 'service_date']) }}

),

later_checks as (

    select claim_payment_id from {{ ref('stg_opendental__claim_payments') }}
    where not {{ is_known(['entry_date', 'check_date']) }}

),

final as (

    select
        claim_procedures.claim_procedure_id,
        claim_procedures.procedure_id,
        case when later_claims.claim_id is null then claim_procedures.claim_id end as claim_id,
        case
            when later_checks.claim_payment_id is null and {{ was_received }}
                then claim_procedures.claim_payment_id
        end as claim_payment_id,
        claim_procedures.payment_plan_id,
        claim_procedures.insurance_plan_id,
        claim_procedures.insurance_subscription_id,
        claim_procedures.patient_id,
        claim_procedures.provider_id,
        claim_procedures.clinic_id,
        cast(
            case
                when
                    later_claims.claim_id is not null
                    and claim_procedures.claim_procedure_status_code in (0, 1)
                    then 6
                when
                    claim_procedures.claim_procedure_status_code = 1 and not {{ was_received }}
                    then 0
                else claim_procedures.claim_procedure_status_code
            end as smallint
        ) as claim_procedure_status_code,
        claim_procedures.service_date,
        claim_procedures.payment_date,
        claim_procedures.entry_date,
        case when {{ was_received }} then claim_procedures.received_date end as received_date,
        claim_procedures.finalized_date,
        claim_procedures.created_date,
        claim_procedures.billed_fee_amount,
        claim_procedures.insurance_estimate_amount,
        case
            when {{ was_received }} then claim_procedures.insurance_paid_amount else 0
        end as insurance_paid_amount,
        claim_procedures.write_off_amount,
        claim_procedures.deductible_amount,
        claim_procedures.base_estimate_amount,
        claim_procedures.live_estimate_amount,
        claim_procedures.live_estimate_override_amount,
        claim_procedures.write_off_estimate_amount,
        claim_procedures.write_off_estimate_override_amount,
        claim_procedures.allowed_override_amount,
        claim_procedures.copay_amount,
        claim_procedures.deductible_estimate_amount,
        claim_procedures.covered_percent,
        claim_procedures.covered_percent_override,
        claim_procedures.is_not_billed_to_insurance,
        claim_procedures.is_transfer,
        claim_procedures.is_overpayment,
        claim_procedures.sent_code,
        claim_procedures.payment_tracking_definition_id,
        claim_procedures.changed_at,
        claim_procedures._extracted_at
    from claim_procedures
    left join later_claims on claim_procedures.claim_id = later_claims.claim_id
    left join later_checks
        on claim_procedures.claim_payment_id = later_checks.claim_payment_id
    where
        {{ dental_is_known('claim_procedure', 'claim_procedures') }}
        and (claim_procedures.claim_procedure_status_code <> 4 or {{ was_received }})

)

select * from final
