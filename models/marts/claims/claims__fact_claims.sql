-- grain: one row per claim
with claims as (

    select * from {{ ref('int_claims__claims') }}

),

source_systems as (

    select * from {{ ref('int_claims__source_systems') }}

),

claim_details as (

    select * from {{ ref('int_claims__claim_details') }}

),

buckets as (

    select * from {{ ref('claim_value_buckets') }}

),

final as (

    select
        claims.claim_key,
        claims.source_system,
        {{ claims_plain_id(
            'claims.source_system', 'coalesce(claims.shared_claim_number, claims.claim_key)'
        ) }} as claim_id,
        {{ version_key('claims.member_id', 'claims.member_valid_from') }} as member_key,
        {{ claims_plain_id('source_systems.member_system', 'claims.member_id') }} as member_id,
        {{ version_key('claims.provider_id', 'claims.provider_valid_from') }} as provider_key,
        {{ claims_plain_id('source_systems.provider_system', 'claims.provider_id') }}
            as provider_id,
        claims.payer,
        claims.plan_name,
        claim_details.claim_type,
        claims.diagnosis_code,
        claims.diagnosis_chapter,
        claims.specialty,
        claims.status,
        claims.is_open,
        claims.is_decided,
        claims.amount >= {{ var('claims_high_value_amount') }} as is_high_value,
        buckets.claim_value_bucket,
        claims.age_band,
        claims.region,
        cast(claims.version_count as integer) as version_count,
        cast(claims.line_count as integer) as line_count,
        claims.amount,
        claim_details.allowed_amount,
        claims.paid_amount,
        claim_details.copay_amount,
        claim_details.deductible_amount,
        claim_details.coinsurance_amount,
        {{ ratio('claims.paid_amount', 'claims.amount') }} as reimbursement_ratio,
        cast({{ dbt.datediff('claims.claim_at', 'claims.adjudicated_at', 'day') }} as integer)
            as turnaround_days,
        claims.claim_date,
        claim_details.service_from_date,
        claim_details.service_to_date,
        claims.claim_at,
        claims.adjudicated_at,
        claims.ingested_at,
        claims._source_file,
        claims._source_row
    from claims
    inner join source_systems on claims.source_system = source_systems.source_system
    left join claim_details on claims.claim_key = claim_details.claim_key
    left join buckets
        on
            (claims.amount >= buckets.from_amount or buckets.from_amount is null)
            and (claims.amount < buckets.below_amount or buckets.below_amount is null)

)

select * from final
