-- grain: one row per row of a claim number that more than one row has
with claim_rows as (

    select * from {{ ref('int_claims__claim_rows') }}
    where rejection_reason is null

),

repeated_ids as (

    select * from {{ ref('int_claims__repeated_ids') }}

),

claim_parties as (

    select * from {{ ref('int_claims__claim_parties') }}

),

keyed as (

    select
        claim_rows.*,
        coalesce(claim_parties.claim_key, claim_rows.claim_id) as claim_key
    from claim_rows
    inner join repeated_ids on claim_rows.claim_id = repeated_ids.claim_id
    left join claim_parties
        on
            claim_rows.claim_id = claim_parties.claim_id
            and coalesce(claim_rows.member_id, '') = claim_parties.member_label
            and coalesce(claim_rows.provider_id, '') = claim_parties.provider_label

),

ordered as (

    select
        *,
        row_number() over (
            partition by claim_key
            order by
                ingested_at asc,
                is_open desc,
                adjudicated_at asc nulls first,
                paid_amount asc nulls first,
                amount asc,
                status asc,
                _source_file asc,
                _source_row asc
        ) as version_number,
        count(*) over (partition by claim_key) as version_count
    from keyed

),

final as (

    select
        *,
        version_number = version_count as is_newest
    from ordered

)

select * from final
