-- grain: one row per member and month with at least one covered day
with member_months as (

    {{ claims_member_months('int_claims__coverage_spans', ['member_id']) }}

),

versions as (

    select * from {{ ref('int_claims__member_versions') }}

),

age_bands as (

    select * from {{ ref('age_bands') }}

),

-- The newest version that had begun by the end of the month.
ranked as (

    select
        member_months.*,
        versions.region,
        extract(year from member_months.month) - versions.birth_year as age,
        row_number() over (
            partition by
                member_months.source_system, member_months.member_id, member_months.month
            order by versions.valid_from desc nulls last
        ) as version_rank
    from member_months
    left join versions
        on
            {{ claims_number('member_months.source_system', 'member_months.member_id') }}
            = versions.member_id
            and versions.valid_from < member_months.month + interval '1 month'

),

final as (

    select
        ranked.source_system,
        ranked.member_id,
        ranked.month,
        ranked.is_complete,
        coalesce(ranked.region, 'Unknown') as region,
        coalesce(age_bands.age_band, 'Unknown') as age_band,
        ranked.covered_days,
        ranked.days_in_month,
        ranked.is_inferred
    from ranked
    left join age_bands
        on
            ranked.age >= age_bands.from_age
            and (ranked.age < age_bands.below_age or age_bands.below_age is null)
    where ranked.version_rank = 1

)

select * from final
