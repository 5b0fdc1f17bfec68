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

-- A load is logged once and as a whole: not on a day that does not know all of it yet. Where no
-- day is named all is known, and there is none.
later_loads as (

    select _load_id from {{ ref('stg_claims__claims') }}
    where
        ingested_at is not null
        and not {{ is_known(['ingested_at'], landed='_extracted_at') }}
    group by _load_id

),

final as (

    select
        told.claim_key,
        told.status,
        told.ingested_at,
        told._load_id
    from told
    left join later_loads on told._load_id = later_loads._load_id
    {% if is_incremental() -%}
        left join {{ this }} as known
            on
                told.claim_key = known.claim_key
                and told.status = known.status
                and told.ingested_at = known.ingested_at
    {%- endif %}
    where
        later_loads._load_id is null
        {% if is_incremental() -%}
            and known.claim_key is null
            and told._load_id not in ({{ logged_loads() }})
        {%- endif %}

)

select * from final
