-- grain: one row per claim: its newest version
with claim_rows as (

    select * from {{ ref('int_claims__claim_rows') }}
    where rejection_reason is null

),

repeated_ids as (

    select * from {{ ref('int_claims__repeated_ids') }}

),

claim_versions as (

    select * from {{ ref('int_claims__claim_versions') }}
    where is_newest

),

diagnoses as (

    select * from {{ ref('int_claims__diagnoses') }}

),

age_bands as (

    select * from {{ ref('age_bands') }}

),

member_versions as (

    select * from {{ ref('int_claims__member_versions') }}

),

provider_versions as (

    select * from {{ ref('int_claims__provider_versions') }}

),

newest as (

    select
        claim_rows.claim_id as claim_key,
        cast(null as {{ dbt.type_string() }}) as shared_claim_id,
        1 as version_count,
        {{ claim_columns('claim_rows') }}
    from claim_rows
    left join repeated_ids on claim_rows.claim_id = repeated_ids.claim_id
    where repeated_ids.claim_id is null
    union all
    select
        claim_key,
        case when claim_key <> claim_id then claim_id end as shared_claim_id,
        version_count,
        {{ claim_columns('claim_versions') }}
    from claim_versions

),

final as (

    select
        newest.*,
        member_versions.valid_from as member_valid_from,
        provider_versions.valid_from as provider_valid_from,
        coalesce(member_versions.region, 'Unknown') as region,
        coalesce(age_bands.age_band, 'Unknown') as age_band,
        coalesce(provider_versions.specialty, 'Unknown') as specialty,
        diagnoses.diagnosis_category,
        coalesce(diagnoses.diagnosis_chapter, 'Unknown') as diagnosis_chapter,
        cast(newest.claim_at as date) as claim_date
    from newest
    left join diagnoses on newest.diagnosis_code = diagnoses.diagnosis_code
    left join member_versions
        on
            newest.member_id = member_versions.member_id
            and {{ valid_at('newest.claim_at', 'member_versions') }}
    left join age_bands
        on
            extract(year from newest.claim_at) - member_versions.birth_year >= age_bands.from_age
            and (
                extract(year from newest.claim_at) - member_versions.birth_year
                < age_bands.below_age
                or age_bands.below_age is null
            )
    left join provider_versions
        on
            newest.provider_id = provider_versions.provider_id
            and {{ valid_at('newest.claim_at', 'provider_versions') }}

)

select * from final
