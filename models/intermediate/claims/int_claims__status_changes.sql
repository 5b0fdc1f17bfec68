-- grain: one row per status of a claim that was told more than once, and stretch of it
with claims as (

    select * from {{ ref('int_claims__claims') }}

),

claim_versions as (

    select * from {{ ref('int_claims__claim_versions') }}
    where told_count > 1

),

status_log as (

    select * from {{ ref('int_claims__status_log') }}

),

landed_loads as (

    select _load_id from {{ ref('int_claims__claim_rows') }}
    group by _load_id

),

-- What a file said that has since been replaced. It counts as long as the claim is still told.
replaced as (

    select
        claims.claim_key,
        claims.version_count,
        status_log.status,
        status_log.ingested_at
    from status_log
    inner join claims
        on
            status_log.claim_key = claims.claim_key
            and status_log.ingested_at < claims.ingested_at
    where status_log._load_id not in (select _load_id from landed_loads)

),

once_landed as (

    select claim_key from replaced
    where version_count = 1
    group by claim_key

),

told as (

    select
        claim_key,
        status,
        ingested_at,
        version_number
    from claim_versions
    union all
    select
        claim_key,
        status,
        ingested_at,
        0 as version_number
    from replaced
    union all
    select
        claims.claim_key,
        claims.status,
        claims.ingested_at,
        1 as version_number
    from claims
    inner join once_landed on claims.claim_key = once_landed.claim_key

),

at_once as (

    select
        *,
        row_number() over (
            partition by claim_key, ingested_at order by version_number desc, status asc
        ) as moment_rank
    from told

),

compared as (

    select
        claim_key,
        status,
        ingested_at,
        lag(status) over (partition by claim_key order by ingested_at) as status_before
    from at_once
    where moment_rank = 1

),

final as (

    select
        claim_key,
        status,
        row_number() over (partition by claim_key order by ingested_at) as status_number,
        ingested_at as status_from,
        lead(ingested_at) over (partition by claim_key order by ingested_at) as status_to
    from compared
    where status_before is null or status <> status_before

)

select * from final
