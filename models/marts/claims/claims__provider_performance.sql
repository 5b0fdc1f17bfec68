-- grain: one row per provider with a claim
with kpis as (

    select * from {{ ref('int_claims__kpis') }}
    where dimension = 'provider'

),

specialty_kpis as (

    select * from {{ ref('int_claims__kpis') }}
    where dimension = 'specialty'

),

versions as (

    select * from {{ ref('claims__dim_providers') }}

),

newest_versions as (

    select
        *,
        row_number() over (partition by provider_id order by valid_from desc) as version_rank
    from versions

),

claims as (

    select * from {{ ref('int_claims__claims') }}

),

members_seen as (

    select
        provider_id,
        member_id
    from claims
    group by provider_id, member_id

),

member_counts as (

    select
        provider_id,
        count(member_id) as member_count
    from members_seen
    group by provider_id

),

review_hits as (

    select * from {{ ref('claims__review_list') }}

),

reviewed as (

    select
        provider_id,
        count(*) as review_claim_count,
        sum(expected_value_amount) as review_expected_value_amount
    from review_hits
    group by provider_id

),

final as (

    select
        kpis.dimension_value as provider_id,
        newest_versions.provider_key,
        newest_versions.provider_name,
        coalesce(newest_versions.specialty, 'Unknown') as specialty,
        newest_versions.city,
        kpis.claim_count,
        member_counts.member_count,
        kpis.open_count,
        kpis.decided_count,
        kpis.denied_count,
        kpis.amount,
        kpis.paid_amount,
        cast(round(kpis.amount * 1.0 / kpis.claim_count, 2) as decimal(12, 2))
            as average_amount,
        cast(round(specialty_kpis.amount * 1.0 / specialty_kpis.claim_count, 2) as decimal(12, 2))
            as specialty_average_amount,
        kpis.reimbursement_rate,
        kpis.denial_rate,
        specialty_kpis.denial_rate as specialty_denial_rate,
        kpis.pending_rate,
        kpis.first_pass_yield,
        kpis.median_days,
        kpis.p90_days,
        specialty_kpis.median_days as specialty_median_days,
        coalesce(reviewed.review_claim_count, 0) as review_claim_count,
        cast(coalesce(reviewed.review_expected_value_amount, 0) as decimal(18, 2))
            as review_expected_value_amount
    from kpis
    left join newest_versions
        on kpis.dimension_value = newest_versions.provider_id and newest_versions.version_rank = 1
    left join specialty_kpis
        on coalesce(newest_versions.specialty, 'Unknown') = specialty_kpis.dimension_value
    left join member_counts on kpis.dimension_value = member_counts.provider_id
    left join reviewed on kpis.dimension_value = reviewed.provider_id
    where kpis.dimension_value is not null

)

select * from final
