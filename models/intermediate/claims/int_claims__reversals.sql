-- grain: one row per claim and later moment that only takes back what was told before
with told_rows as (

    select * from {{ ref('int_claims__told_rows') }}
    where is_told

),

negative_claims as (

    select claim_key
    from told_rows
    where amount < 0 or paid_amount < 0
    group by claim_key
    having count(*) > 0

),

rows_at_stake as (

    select told_rows.* from told_rows
    inner join negative_claims on told_rows.claim_key = negative_claims.claim_key

),

moments as (

    select
        claim_key,
        ingested_at,
        sum(amount) as amount,
        sum(paid_amount) as paid_amount,
        max(row_action) as some_action
    from rows_at_stake
    group by claim_key, ingested_at

),

numbered as (

    select
        *,
        row_number() over (partition by claim_key order by ingested_at) as moment_number
    from moments

),

by_amount as (

    select
        claim_key,
        ingested_at,
        abs(amount) as size,
        sum(case when amount < 0 then 1 else 0 end) as taken_count,
        sum(case when amount > 0 then 1 else 0 end) as given_count
    from rows_at_stake
    where amount <> 0
    group by claim_key, ingested_at, abs(amount)

),

-- An amount that is taken back and was not given at the same moment, but before.
taken_of_earlier as (

    select
        taken.claim_key,
        taken.ingested_at
    from by_amount as taken
    inner join by_amount as given
        on
            taken.claim_key = given.claim_key
            and taken.size = given.size
            and taken.ingested_at > given.ingested_at
            and given.given_count > 0
    where taken.taken_count > taken.given_count
    group by taken.claim_key, taken.ingested_at

),

final as (

    select
        numbered.claim_key,
        numbered.ingested_at
    from numbered
    left join taken_of_earlier
        on
            numbered.claim_key = taken_of_earlier.claim_key
            and numbered.ingested_at = taken_of_earlier.ingested_at
    where
        numbered.moment_number > 1
        and numbered.some_action is null
        and (
            numbered.amount < 0
            or (numbered.amount = 0 and numbered.paid_amount < 0)
            or taken_of_earlier.claim_key is not null
        )

)

select * from final
