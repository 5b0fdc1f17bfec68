-- grain: one row per claim
with claims as (

    select * from {{ ref('int_claims__claims') }}

),

buckets as (

    select * from {{ ref('claim_value_buckets') }}

),

final as (

    select
        claims.claim_key,
        coalesce(claims.shared_claim_id, claims.claim_key) as claim_id,
        {{ version_key('claims.member_id', 'claims.member_valid_from') }} as member_key,
        claims.member_id,
        {{ version_key('claims.provider_id', 'claims.provider_valid_from') }} as provider_key,
        claims.provider_id,
        claims.diagnosis_code,
        claims.diagnosis_chapter,
        claims.specialty,
        claims.status,
        claims.is_open,
        claims.amount >= {{ var('claims_high_value_amount') }} as is_high_value,
        buckets.claim_value_bucket,
        claims.age_band,
        claims.region,
        cast(claims.version_count as integer) as version_count,
        claims.amount,
        claims.paid_amount,
        {{ ratio('claims.paid_amount', 'claims.amount') }} as reimbursement_ratio,
        cast({{ dbt.datediff('claims.claim_at', 'claims.adjudicated_at', 'day') }} as integer)
            as turnaround_days,
        claims.claim_date,
        claims.claim_at,
        claims.adjudicated_at,
        claims.ingested_at,
        claims._source_file,
        claims._source_row
    from claims
    left join buckets
        on
            (claims.amount >= buckets.from_amount or buckets.from_amount is null)
            and (claims.amount < buckets.below_amount or buckets.below_amount is null)

)

select * from final
