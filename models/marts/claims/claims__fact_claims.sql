-- grain: one row per claim
with claims as (

    select * from {{ ref('int_claims__claims') }}

),

age_bands as (

    select * from {{ ref('age_bands') }}

),

final as (

    select
        claims.claim_key,
        claims.claim_id,
        claims.member_key,
        claims.member_id,
        claims.provider_key,
        claims.provider_id,
        claims.diagnosis_code,
        claims.diagnosis_chapter,
        claims.specialty,
        claims.status,
        claims.is_open,
        claims.amount >= {{ var('claims_high_value_amount') }} as is_high_value,
        claims.claim_value_bucket,
        coalesce(age_bands.age_band, 'Unknown') as age_band,
        coalesce(claims.region, 'Unknown') as region,
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
    left join age_bands
        on
            claims.age >= age_bands.from_age
            and (claims.age < age_bands.below_age or age_bands.below_age is null)

)

select * from final
