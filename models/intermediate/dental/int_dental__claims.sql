-- grain: one row per claim that was made by the as-of day, with the status of that day
with claims as (

    select * from {{ ref('stg_opendental__claims') }}

),

final as (

    select
        claims.claim_id,
        claims.patient_id,
        case
            when
                (statuses.is_received or statuses.is_sent)
                and not {{ is_known(['claims.first_sent_date', 'claims.sent_date']) }}
                then 'U'
            when statuses.is_received and not {{ is_known(['claims.received_date']) }} then 'S'
            else claims.claim_status_code
        end as claim_status_code,
        claims.claim_type_code,
        claims.medical_type_code,
        claims.correction_type_code,
        claims.insurance_plan_id,
        claims.insurance_subscription_id,
        claims.other_insurance_plan_id,
        claims.treating_provider_id,
        claims.billing_provider_id,
        claims.clinic_id,
        claims.service_date,
        case
            when {{ is_known(['claims.sent_date']) }} then claims.sent_date
            when {{ is_known(['claims.first_sent_date']) }} then claims.first_sent_date
        end as sent_date,
        case
            when {{ is_known(['claims.first_sent_date']) }} then claims.first_sent_date
        end as first_sent_date,
        claims.resent_date,
        case
            when {{ is_known(['claims.received_date']) }} then claims.received_date
        end as received_date,
        claims.entry_date,
        claims.claim_fee_amount,
        claims.insurance_estimate_amount,
        claims.insurance_paid_amount,
        claims.deductible_amount,
        claims.write_off_amount,
        claims.tracking_definition_id,
        claims.place_of_service_code,
        claims.is_ortho,
        claims._extracted_at
    from claims
    left join {{ ref('opendental_claim_statuses') }} as statuses
        on claims.claim_status_code = statuses.claim_status_code
    where
        {{ is_known(['claims.entry_date', 'claims.service_date']) }}

)

select * from final
