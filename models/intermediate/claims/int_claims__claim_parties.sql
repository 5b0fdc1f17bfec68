-- grain: one row per claim number that may be shared, and member and provider it names
with claim_rows as (

    select * from {{ ref('int_claims__claim_rows') }}
    where rejection_reason is null

),

repeated_numbers as (

    select * from {{ ref('int_claims__repeated_numbers') }}
    where may_be_shared

),

parties as (

    select
        claim_rows.claim_number,
        coalesce(claim_rows.member_id, '') as member_label,
        coalesce(claim_rows.provider_id, '') as provider_label
    from claim_rows
    inner join repeated_numbers on claim_rows.claim_number = repeated_numbers.claim_number
    group by claim_rows.claim_number, claim_rows.member_id, claim_rows.provider_id

),

-- Rows that share a member or a provider are one claim: the smallest provider spreads along both.
by_member as (

    select
        *,
        min(provider_label) over (partition by claim_number, member_label) as party_label
    from parties

),

by_provider as (

    select
        claim_number,
        member_label,
        provider_label,
        min(party_label) over (partition by claim_number, provider_label) as party_label
    from by_member

),

by_member_again as (

    select
        claim_number,
        member_label,
        provider_label,
        min(party_label) over (partition by claim_number, member_label) as party_label
    from by_provider

),

final as (

    select
        claim_number,
        member_label,
        provider_label,
        min(party_label) over (partition by claim_number) <> max(party_label) over (
            partition by claim_number
        ) as is_shared,
        case
            when min(party_label) over (partition by claim_number) = max(party_label) over (
                partition by claim_number
            ) then claim_number
            else claim_number || '/' || party_label
        end as claim_key
    from by_member_again

)

select * from final
