-- grain: one row per claim or preauthorisation
with claims as (

    select * from {{ ref('int_dental__claims') }}

),

statuses as (

    select * from {{ ref('opendental_claim_statuses') }}

),

claim_types as (

    select * from {{ ref('opendental_codes') }}
    where code_set = 'ClaimType'

),

plans as (

    select * from {{ ref('stg_opendental__insurance_plans') }}

),

carriers as (

    select * from {{ ref('stg_opendental__carriers') }}

),

tracking as (

    select * from {{ ref('int_dental__claim_tracking') }}

),

-- The claim's own amounts are copies that may be stale; its lines are the truth.
lines as (

    select
        claim_id,
        count(*) as line_count,
        sum(insurance_estimate_amount) as insurance_estimate_amount,
        sum(insurance_paid_amount) as insurance_paid_amount,
        sum(write_off_amount) as write_off_amount,
        sum(deductible_amount) as deductible_amount,
        sum(case when is_money and claim_payment_id is null then insurance_paid_amount else 0 end)
            as unfinalized_amount
    from {{ ref('dental__fact_claim_procedures') }}
    where claim_id is not null
    group by claim_id

),

final as (

    select
        claims.claim_id,
        claims.patient_id,
        claims.insurance_plan_id,
        claims.insurance_subscription_id,
        claims.other_insurance_plan_id,
        plans.carrier_id,
        carriers.carrier_name,
        claims.treating_provider_id as provider_id,
        claims.billing_provider_id,
        claims.clinic_id,
        claims.claim_status_code,
        statuses.claim_status_name,
        coalesce(statuses.is_sent, false) as is_sent,
        coalesce(statuses.is_unsent, false) as is_unsent,
        coalesce(statuses.is_received, false) as is_received,
        claims.claim_type_code,
        claim_types.code_name as claim_type_name,
        coalesce(claims.claim_type_code = 'PreAuth', false) as is_preauthorization,
        tracking.tracking_name as last_tracking_name,
        tracking.tracked_at as last_tracked_at,
        claims.claim_fee_amount,
        cast(coalesce(lines.line_count, 0) as bigint) as line_count,
        cast(coalesce(lines.insurance_estimate_amount, 0) as decimal(18, 2))
            as insurance_estimate_amount,
        cast(coalesce(lines.insurance_paid_amount, 0) as decimal(18, 2)) as insurance_paid_amount,
        cast(coalesce(lines.unfinalized_amount, 0) as decimal(18, 2)) as unfinalized_amount,
        cast(coalesce(lines.write_off_amount, 0) as decimal(18, 2)) as write_off_amount,
        cast(coalesce(lines.deductible_amount, 0) as decimal(18, 2)) as deductible_amount,
        claims.service_date,
        claims.entry_date,
        claims.first_sent_date,
        claims.sent_date,
        claims.received_date
    from claims
    left join statuses on claims.claim_status_code = statuses.claim_status_code
    left join claim_types on claims.claim_type_code = claim_types.code
    left join plans on claims.insurance_plan_id = plans.insurance_plan_id
    left join carriers on plans.carrier_id = carriers.carrier_id
    left join tracking on claims.claim_id = tracking.claim_id
    left join lines on claims.claim_id = lines.claim_id

)

select * from final
