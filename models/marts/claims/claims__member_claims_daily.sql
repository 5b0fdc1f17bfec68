-- grain: one row per member and day with a claim
with claims as (

    select * from {{ ref('int_claims__claims') }}

),

final as (

    select
        member_id,
        claim_date,
        count(*) as claim_count,
        cast(sum(case when status in ('DENIED', 'REJECTED') then 1 else 0 end) as bigint)
            as denied_count,
        cast(sum(case when is_open then 1 else 0 end) as bigint) as open_count,
        cast(sum(amount) as decimal(18, 2)) as amount,
        cast(coalesce(sum(paid_amount), 0) as decimal(18, 2)) as paid_amount
    from claims
    group by member_id, claim_date

)

select * from final
