-- grain: one row per claim number that more than one row has
with claim_rows as (

    select * from {{ ref('int_claims__claim_rows') }}
    where rejection_reason is null

),

final as (

    select
        claim_id,
        count(*) as row_count,
        min(member_id) <> max(member_id) and min(provider_id) <> max(provider_id)
            as may_be_shared
    from claim_rows
    group by claim_id
    having count(*) > 1

)

select * from final
