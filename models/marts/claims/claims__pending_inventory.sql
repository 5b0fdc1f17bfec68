-- grain: one row per system and payer with pended claims, and band of their age
with claims as (

    select * from {{ ref('int_claims__claims') }}
    where is_open

),

bands as (

    select * from {{ ref('claim_pending_bands') }}

),

aged as (

    select
        source_system,
        payer,
        amount,
        paid_amount,
        claim_date,
        {{ dbt.datediff('claim_date', claims_as_of(), 'day') }} as pending_days
    from claims

),

groups as (

    select
        aged.source_system,
        aged.payer,
        bands.pending_band,
        bands.from_days,
        bands.below_days
    from aged
    cross join bands
    group by
        aged.source_system, aged.payer, bands.pending_band, bands.from_days, bands.below_days

),

final as (

    select
        groups.source_system,
        groups.payer,
        groups.pending_band,
        coalesce(groups.from_days, 0) as from_days,
        count(aged.claim_date) as claim_count,
        cast(coalesce(sum(aged.amount), 0) as decimal(18, 2)) as amount,
        cast(coalesce(sum(aged.paid_amount), 0) as decimal(18, 2)) as paid_amount,
        min(aged.claim_date) as oldest_claim_date,
        max(aged.pending_days) as oldest_days
    from groups
    left join aged
        on
            groups.source_system = aged.source_system
            and groups.payer = aged.payer
            and (groups.from_days <= aged.pending_days or groups.from_days is null)
            and (groups.below_days > aged.pending_days or groups.below_days is null)
    group by groups.source_system, groups.payer, groups.pending_band, groups.from_days

)

select * from final
