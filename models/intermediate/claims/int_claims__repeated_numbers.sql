-- grain: one row per claim number of which one row does not say everything
with claim_rows as (

    select * from {{ ref('int_claims__claim_rows') }}
    where rejection_reason is null

),

-- Claims that a replacement or a void under another number is about.
taken_back as (

    select original_claim_number as claim_number
    from claim_rows
    where row_action in ('replacement', 'void') and original_claim_number <> claim_number
    group by original_claim_number

),

counted as (

    select
        claim_number,
        count(*) as row_count,
        min(member_id) <> max(member_id) and min(provider_id) <> max(provider_id)
            as may_be_shared,
        max(row_action) as some_action
    from claim_rows
    group by claim_number

),

final as (

    select
        counted.claim_number,
        counted.row_count,
        counted.may_be_shared,
        taken_back.claim_number is not null as is_taken_back
    from counted
    left join taken_back on counted.claim_number = taken_back.claim_number
    where
        counted.row_count > 1
        or counted.some_action is not null
        or taken_back.claim_number is not null

)

select * from final
