with source as (

    select * from {{ source('raw_claims', 'claims') }}

),

final as (

    select
        {{ claims_id('claim_id') }} as claim_id,
        {{ claims_id('member_id') }} as member_id,
        {{ claims_id('provider_id') }} as provider_id,
        upper({{ claims_text('diagnosis') }}) as diagnosis_code,
        upper({{ claims_text('status') }}) as status,
        coalesce({{ try_to('amount', 'decimal(12, 2)') }}, {{ money('amount') }}) as amount,
        coalesce({{ try_to('paid_amt', 'decimal(12, 2)') }}, {{ money('paid_amt') }})
            as paid_amount,
        {{ claims_moment('claim_date') }} as claim_at,
        {{ claims_moment('adjudicated_date') }} as adjudicated_at,
        {{ claims_moment('ingestion_ts') }} as ingested_at,
        {{ claims_text('paid_amt') }} is not null as has_paid_text,
        {{ claims_text('adjudicated_date') }} is not null as has_adjudicated_text,
        {{ claims_text('ingestion_ts') }} is not null as has_ingested_text,
        _source_file,
        _source_row,
        _load_id,
        _extracted_at
    from source

)

select * from final
