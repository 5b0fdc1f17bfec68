{%- set told_at -%}
case
            when staged.has_ingested_text then staged.ingested_at
            else coalesce(placed.dated_at, staged._extracted_at)
        end
{%- endset -%}
-- grain: one row per row of a claims file, and whether it can be true
with staged as (

    select * from {{ ref('stg_claims__claims') }}

),

files as (

    select * from {{ ref('int_claims__files') }}

),

systems as (

    select * from {{ ref('int_claims__systems') }}

),

told_words as (

    select * from {{ ref('int_claims__told_words') }}

),

statuses as (

    select * from {{ ref('claim_statuses') }}

),

frequencies as (

    select * from {{ ref('claim_frequency_codes') }}

),

placed as (

    select
        files._source_file as placed_file,
        case when not files.is_partitioned then files.dated_at end as dated_at,
        systems.source_system,
        systems.member_system,
        systems.provider_system,
        systems.payer as feed_payer
    from files
    inner join systems on files.feed = systems.feed

),

final as (

    select
        {{ claims_number('placed.source_system', 'staged.claim_id') }} as claim_number,
        placed.source_system,
        {{ claims_number('placed.member_system', 'staged.member_id') }} as member_id,
        {{ claims_number('placed.provider_system', 'staged.provider_id') }} as provider_id,
        {{ try_to('staged.line_text', 'integer') }} as line_number,
        staged.diagnosis_code,
        case
            when staged.status_text is null then 'NOT_STATED'
            else coalesce(told_words.status, 'UNMAPPED')
        end as status,
        case
            when staged.status_text is not null and told_words.status is null
                then staged.status_text
        end as unmapped_status,
        coalesce(statuses.is_open, false) as is_open,
        coalesce(statuses.is_decided, false) as is_decided,
        coalesce(staged.payer, placed.feed_payer) as payer,
        staged.plan_name,
        staged.amount,
        staged.paid_amount,
        staged.claim_at,
        staged.adjudicated_at,
        {{ told_at }} as ingested_at,
        case
            when frequencies.frequency_action <> 'line' then frequencies.frequency_action
            when told_words.status = 'VOID' and staged.amount >= 0 then 'void row'
        end as row_action,
        {{ claims_number('placed.source_system', 'staged.original_claim_id') }}
            as original_claim_number,
        staged._source_file,
        staged._source_row,
        staged._load_id,
        case
            when staged.claim_id is null then 'claim_id is missing'
            when staged.claim_at is null then 'claim_date is not a date'
            when staged.claim_at < cast('1900-01-02' as timestamp)
                then 'claim_date is 1900-01-01, which stands for no date'
            when staged.amount is null then 'amount is not an amount'
            {%- for name in ['amount', 'paid_amount'] %}
                when abs(staged.{{ name }}) >= 10000000000
                    then '{{ name }} is too large: 10,000,000,000 or more'
            {%- endfor %}
            when staged.paid_amount is null and staged.has_paid_text
                then 'paid_amt is not an amount'
            {%- for name in ['allowed', 'copay', 'deductible', 'coinsurance'] %}
                when
                    staged.has_detail_text
                    and abs(staged.{{ name }}_amount) >= 10000000000
                    then '{{ name }}_amt is too large: 10,000,000,000 or more'
                when
                    staged.has_detail_text
                    and staged.has_{{ name }}_text
                    and staged.{{ name }}_amount is null
                    then '{{ name }}_amt is not an amount'
            {%- endfor %}
            when staged.adjudicated_at is null and staged.has_adjudicated_text
                then 'adjudicated_date is not a date'
            when staged.ingested_at is null and staged.has_ingested_text
                then 'ingestion_ts is not a time'
        end as rejection_reason
    from staged
    inner join placed on staged._source_file = placed.placed_file
    left join told_words on staged.status_text = told_words.status_text
    left join statuses on told_words.status = statuses.status
    left join frequencies
        on {{ normalize_label('staged.frequency_text') }} = frequencies.label
    -- Of a past day only what had been told by then, whenever it was landed.
    where {{ is_known([told_at], landed='staged._extracted_at') }}

)

select * from final
