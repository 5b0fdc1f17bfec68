-- grain: one row per claim and stretch of one status
with claims as (

    select * from {{ ref('int_claims__claims') }}

),

status_changes as (

    select * from {{ ref('int_claims__status_changes') }}

),

told_again as (

    select claim_key from status_changes
    group by claim_key

),

stretches as (

    select
        claims.claim_key,
        claims.source_system,
        {{ claims_plain_id(
            'claims.source_system', 'coalesce(claims.shared_claim_number, claims.claim_key)'
        ) }} as claim_id,
        claims.payer,
        claims.status,
        1 as status_number,
        claims.ingested_at as status_from,
        cast(null as timestamp) as status_to
    from claims
    left join told_again on claims.claim_key = told_again.claim_key
    where told_again.claim_key is null
    union all
    select
        claims.claim_key,
        claims.source_system,
        {{ claims_plain_id(
            'claims.source_system', 'coalesce(claims.shared_claim_number, claims.claim_key)'
        ) }} as claim_id,
        claims.payer,
        status_changes.status,
        status_changes.status_number,
        status_changes.status_from,
        status_changes.status_to
    from status_changes
    inner join claims on status_changes.claim_key = claims.claim_key

),

final as (

    select
        claim_key,
        source_system,
        claim_id,
        payer,
        cast(status_number as integer) as status_number,
        status,
        status_to is null as is_current,
        cast(
            {{ dbt.datediff(
                'status_from', 'coalesce(status_to, cast(' ~ claims_as_of() ~ ' as timestamp))', 'day'
            ) }} as integer
        ) as days_in_status,
        status_from,
        coalesce(status_to, cast('9999-12-31' as timestamp)) as status_to
    from stretches

)

select * from final
