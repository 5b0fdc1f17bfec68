-- grain: one row per claim
with claims as (

    select * from {{ ref('int_claims__claims') }}

),

final as (

    select
        claim_key,
        claim_id,
        member_key,
        member_id,
        provider_key,
        provider_id,
        diagnosis_code,
        diagnosis_chapter,
        specialty,
        status,
        is_open,
        amount >= {{ var('claims_high_value_amount') }} as is_high_value,
        claim_value_bucket,
        age_band,
        region,
        cast(version_count as integer) as version_count,
        amount,
        paid_amount,
        {{ ratio('paid_amount', 'amount') }} as reimbursement_ratio,
        cast({{ dbt.datediff('claim_at', 'adjudicated_at', 'day') }} as integer)
            as turnaround_days,
        claim_date,
        claim_at,
        adjudicated_at,
        ingested_at,
        _source_file,
        _source_row
    from claims

)

select * from final
