{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false) }}
-- grain: one row per claim, status and ingestion_ts ever landed
with claims as (

    select * from {{ ref('int_claims__claims') }}
    where version_count = 1

),

claim_versions as (

    select * from {{ ref('int_claims__claim_versions') }}
    where told_count > 1

),

told as (

    select
        claim_key,
        status,
        ingested_at,
        _load_id
    from claims
    union all
    select
        claim_key,
        status,
        ingested_at,
        _load_id
    from claim_versions

),

final as (

    select
        told.claim_key,
        told.status,
        told.ingested_at,
        told._load_id
    from told
    {% if is_incremental() -%}
        left join {{ this }} as known
            on
                told.claim_key = known.claim_key
                and told.status = known.status
                and told.ingested_at = known.ingested_at
        where
            known.claim_key is null
            and told._load_id not in ({{ logged_loads() }})
    {%- endif %}

)

select * from final
