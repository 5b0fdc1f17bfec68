with source as (

    select * from {{ source('raw_claims', 'claims') }}

),

final as (

    select
        {{ claims_id('claim_id') }} as claim_id,
        {{ claims_id('claim_line_number') }} as line_text,
        {{ claims_id('member_id') }} as member_id,
        {{ claims_id('provider_id') }} as provider_id,
        {{ claims_id('original_claim_id') }} as original_claim_id,
        upper({{ claims_text('diagnosis') }}) as diagnosis_code,
        {{ claims_text('status') }} as status_text,
        coalesce(
            {{ claims_id('claim_frequency_code') }}, right({{ claims_id('bill_type_code') }}, 1)
        ) as frequency_text,
        {{ claims_text('payer') }} as payer,
        {{ claims_text('plan') }} as plan_name,
        {{ claims_amount('amount') }} as amount,
        {{ claims_amount('paid_amt') }} as paid_amount,
        {%- for name in ['allowed', 'copay', 'deductible', 'coinsurance'] %}
            {{ claims_amount(name ~ '_amt') }} as {{ name }}_amount,
            {{ claims_text(name ~ '_amt') }} is not null as has_{{ name }}_text,
        {%- endfor %}
        {{ claims_text('procedure_code') }} as procedure_code,
        {{ claims_id('revenue_code') }} as revenue_code,
        {{ claims_id('ndc') }} as ndc_code,
        {{ try_to('quantity', 'decimal(18, 3)') }} as quantity,
        {{ try_to('days_supply', 'decimal(18, 3)') }} as days_supply,
        {{ claims_id('place_of_service') }} as place_of_service_code,
        cast({{ claims_moment('service_from') }} as date) as service_from_date,
        cast({{ claims_moment('service_to') }} as date) as service_to_date,
        lower({{ claims_text('claim_type') }}) as claim_type,
        {{ claims_id('bill_type_code') }} as bill_type_code,
        {%- for number in range(2, 13) %}
            upper({{ claims_text('diagnosis_' ~ number) }}) as diagnosis_code_{{ number }},
        {%- endfor %}
        {{ claims_moment('claim_date') }} as claim_at,
        case
            when not {{ claims_is_no_day('adjudicated_date') }}
                then {{ claims_moment('adjudicated_date') }}
        end as adjudicated_at,
        {{ claims_moment('ingestion_ts') }} as ingested_at,
        {{ claims_text('paid_amt') }} is not null as has_paid_text,
        {{ claims_text('adjudicated_date') }} is not null
        and not {{ claims_is_no_day('adjudicated_date') }} as has_adjudicated_text,
        {{ claims_text('ingestion_ts') }} is not null as has_ingested_text,
        _source_file,
        _source_row,
        _load_id,
        _extracted_at
    from source

)

select * from final
