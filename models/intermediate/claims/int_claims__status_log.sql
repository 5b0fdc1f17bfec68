{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false) }}
-- grain: one row per claim number, parties, status and ingestion_ts ever landed
with claim_rows as (

    select * from {{ ref('int_claims__claim_rows') }}
    where rejection_reason is null

),

told as (

    select
        claim_id,
        member_id,
        provider_id,
        status,
        ingested_at,
        max(_load_id) as _load_id
    from claim_rows
    {% if is_incremental() -%}
        where _load_id not in (
            select known._load_id from {{ this }} as known
            group by known._load_id
        )
    {%- endif %}
    group by claim_id, member_id, provider_id, status, ingested_at

),

final as (

    select told.* from told
    {% if is_incremental() -%}
        left join {{ this }} as known
            on
                told.claim_id = known.claim_id
                and told.status = known.status
                and told.ingested_at = known.ingested_at
                and told.member_id is not distinct from known.member_id
                and told.provider_id is not distinct from known.provider_id
        where known.claim_id is null
    {%- endif %}

)

select * from final
