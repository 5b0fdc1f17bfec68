-- grain: one row per provider with a claim
with kpis as (

    select * from {{ ref('int_claims__kpis') }}
    where dimension = 'provider' and payer is null

),

benchmarks as (

    select * from {{ ref('int_claims__provider_benchmarks') }}

),

versions as (

    select * from {{ ref('int_claims__provider_versions') }}

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
        source_system,
        provider_id,
        member_id
    from claims
    group by source_system, provider_id, member_id

),

member_counts as (

    select
        source_system,
        provider_id,
        count(member_id) as member_count
    from members_seen
    group by source_system, provider_id

),

review_hits as (

    select * from {{ ref('claims__review_list') }}

),

reviewed as (

    select
        source_system,
        provider_id,
        count(*) as review_claim_count,
        sum(expected_value_amount) as review_expected_value_amount
    from review_hits
    group by source_system, provider_id

),

cases as (

    select
        source_system,
        provider_id,
        count(*) as review_case_count
    from {{ ref('claims__provider_review_list') }}
    group by source_system, provider_id

),

source_systems as (

    select * from {{ ref('int_claims__source_systems') }}

),

named as (

    select
        kpis.*,
        source_systems.provider_system,
        {{ claims_plain_id('source_systems.provider_system', 'kpis.dimension_value') }}
            as provider_id
    from kpis
    inner join source_systems on kpis.source_system = source_systems.source_system

),

final as (

    select
        kpis.source_system,
        kpis.provider_id,
        newest_versions.provider_key,
        newest_versions.provider_name,
        benchmarks.specialty,
        coalesce(newest_versions.specialty, 'Unknown') as specialty_now,
        newest_versions.city,
        member_counts.member_count,
        {{ claims_kpi_columns('kpis') }},
        cast({{ per_unit('kpis.amount', 'kpis.claim_count') }} as decimal(18, 2))
            as average_amount,
        benchmarks.specialty_average_amount,
        benchmarks.expected_denied_count,
        {{ ratio('benchmarks.expected_denied_count', 'kpis.decided_count') }}
            as specialty_denial_rate,
        benchmarks.specialty_median_days,
        coalesce(reviewed.review_claim_count, 0) as review_claim_count,
        coalesce(cases.review_case_count, 0) as review_case_count,
        cast(coalesce(reviewed.review_expected_value_amount, 0) as decimal(18, 2))
            as review_expected_value_amount
    from named as kpis
    left join newest_versions
        on kpis.dimension_value = newest_versions.provider_id and newest_versions.version_rank = 1
    inner join benchmarks
        on
            kpis.source_system = benchmarks.source_system
            and kpis.dimension_value = benchmarks.provider_id
    left join member_counts
        on
            kpis.source_system = member_counts.source_system
            and kpis.dimension_value = member_counts.provider_id
    left join reviewed
        on
            kpis.source_system = reviewed.source_system
            and kpis.provider_id = reviewed.provider_id
    left join cases
        on kpis.provider_system = cases.source_system and kpis.provider_id = cases.provider_id
    where kpis.dimension_value is not null

)

select * from final
