-- grain: one row per system and provider with a claim: its claims at its specialties' figures
with claims as (

    select * from {{ ref('int_claims__claims') }}
    where provider_id is not null

),

kpis as (

    select * from {{ ref('int_claims__kpis') }}
    where dimension = 'specialty' and payer is null

),

counted as (

    select
        source_system,
        provider_id,
        specialty,
        count(*) as claim_count,
        sum(case when is_decided then 1 else 0 end) as decided_count
    from claims
    group by source_system, provider_id, specialty

),

-- Claims stand in the specialty that their provider had on their day, on both sides.
compared as (

    select
        counted.source_system,
        counted.provider_id,
        counted.specialty,
        counted.claim_count,
        counted.claim_count
        * cast(kpis.amount * 1.0 / kpis.claim_count as decimal(24, 6)) as usual_amount,
        counted.decided_count * kpis.denial_rate as expected_denied_count,
        kpis.median_days,
        row_number() over (
            partition by counted.source_system, counted.provider_id
            order by counted.claim_count desc, counted.specialty asc
        ) as specialty_rank
    from counted
    inner join kpis
        on
            counted.source_system = kpis.source_system
            and counted.specialty = kpis.dimension_value

),

final as (

    select
        source_system,
        provider_id,
        max(case when specialty_rank = 1 then specialty end) as specialty,
        cast({{ per_unit('sum(usual_amount)', 'sum(claim_count)') }} as decimal(18, 2))
            as specialty_average_amount,
        cast(coalesce(sum(expected_denied_count), 0) as decimal(18, 4)) as expected_denied_count,
        max(case when specialty_rank = 1 then median_days end) as specialty_median_days
    from compared
    group by source_system, provider_id

)

select * from final
