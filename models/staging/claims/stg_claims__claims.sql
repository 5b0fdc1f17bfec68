with raw_rows as (

    select * from {{ source('raw_claims', 'claims') }}

),

formats as (

    select * from {{ ref('stg_claims__file_formats') }}

),

source as (

    select
        raw_rows.*,
        formats.date_order,
        formats.decimal_mark
    from raw_rows
    left join formats on raw_rows._source_file = formats._source_file

),

final as (

    select
        {{ claims_id('claim_id') }} as claim_id,
        {{ claims_id('member_id') }} as member_id,
        {{ claims_id('provider_id') }} as provider_id,
        upper({{ claims_text('diagnosis') }}) as diagnosis_code,
        upper({{ claims_text('status') }}) as status,
        {{ claims_amount('amount') }} as amount,
        {{ claims_amount('paid_amt') }} as paid_amount,
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
