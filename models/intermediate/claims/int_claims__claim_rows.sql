-- grain: one row per row of a claims file, and whether it can be true
with staged as (

    select * from {{ ref('stg_claims__claims') }}

),

statuses as (

    select * from {{ ref('claim_statuses') }}

),

final as (

    select
        staged.claim_id,
        staged.member_id,
        staged.provider_id,
        staged.diagnosis_code,
        staged.status,
        statuses.is_open,
        staged.amount,
        staged.paid_amount,
        staged.claim_at,
        staged.adjudicated_at,
        case
            when staged.has_ingested_text then staged.ingested_at
            else staged._extracted_at
        end as ingested_at,
        staged._source_file,
        staged._source_row,
        staged._load_id,
        case
            when staged.claim_id is null then 'claim_id is missing'
            when statuses.status is null
                then 'status is not one of PAID, DENIED, PENDING, REJECTED'
            when staged.claim_at is null then 'claim_date is not a date'
            when staged.amount is null then 'amount is not an amount'
            when staged.paid_amount is null and staged.has_paid_text
                then 'paid_amt is not an amount'
            when staged.adjudicated_at is null and staged.has_adjudicated_text
                then 'adjudicated_date is not a date'
            when staged.ingested_at is null and staged.has_ingested_text
                then 'ingestion_ts is not a time'
        end as rejection_reason
    from staged
    left join statuses on staged.status = statuses.status

)

select * from final
