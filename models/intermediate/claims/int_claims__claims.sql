-- grain: one row per claim as it stands now
with claim_rows as (

    select * from {{ ref('int_claims__claim_rows') }}
    where rejection_reason is null

),

repeated_numbers as (

    select * from {{ ref('int_claims__repeated_numbers') }}

),

headers as (

    select * from {{ ref('int_claims__headers') }}

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

payer_pieces as (

    select * from {{ ref('int_claims__payer_pieces') }}

),

newest as (

    select
        claim_rows.claim_number as claim_key,
        cast(null as {{ dbt.type_string() }}) as shared_claim_number,
        1 as version_count,
        1 as line_count,
        {{ claim_columns('claim_rows') }}
    from claim_rows
    left join repeated_numbers on claim_rows.claim_number = repeated_numbers.claim_number
    where repeated_numbers.claim_number is null
    union all
    select
        claim_key,
        case when claim_key <> claim_number then claim_number end as shared_claim_number,
        told_count as version_count,
        line_count,
        {{ claim_columns('headers') }}
    from headers

),

final as (

    select
        newest.claim_key,
        newest.shared_claim_number,
        newest.version_count,
        newest.line_count,
        newest.source_system,
        newest.member_id,
        newest.provider_id,
        newest.diagnosis_code,
        newest.status,
        newest.is_open,
        newest.is_decided,
        coalesce(newest.payer, payer_pieces.payer, 'Unknown') as payer,
        coalesce(newest.plan_name, payer_pieces.plan_name, 'Unknown') as plan_name,
        newest.amount,
        newest.paid_amount,
        newest.claim_at,
        newest.adjudicated_at,
        newest.ingested_at,
        newest._source_file,
        newest._source_row,
        newest._load_id,
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
    left join payer_pieces
        on
            newest.payer is null
            and newest.member_id = payer_pieces.member_id
            and cast(newest.claim_at as date) >= payer_pieces.piece_from
            and cast(newest.claim_at as date) < payer_pieces.piece_to

)

select * from final
