-- grain: one row per version of a member
with versions as (

    select * from {{ ref('int_claims__export_versions') }}
    where entity = 'member'

),

member_rows as (

    select * from {{ ref('int_claims__member_rows') }}

),

states as (

    select * from {{ ref('us_states') }}

),

systems as (

    select * from {{ ref('int_claims__systems') }}

),

numbered as (

    select
        member_rows.*,
        {{ claims_number('systems.source_system', 'member_rows.member_id') }} as member_number
    from member_rows
    inner join systems on member_rows.feed = systems.feed

),

-- An age told before the birthday of its year gives a year too late; no export can give one too
-- early. So the earliest counts, if it is the newest export's or the one before.
newest_ages as (

    select
        member_number,
        derived_birth_year,
        row_number() over (
            partition by member_number
            order by exported_at desc, _source_file desc, _source_row desc
        ) as age_rank
    from numbered
    where derived_birth_year is not null

),

birth_years as (

    select
        newest_ages.member_number,
        min(numbered.derived_birth_year) as birth_year
    from newest_ages
    inner join numbered
        on
            newest_ages.member_number = numbered.member_number
            and newest_ages.derived_birth_year - numbered.derived_birth_year between 0 and 1
    where newest_ages.age_rank = 1
    group by newest_ages.member_number

),

final as (

    select
        {{ version_key('versions.entity_id', 'versions.valid_from') }} as member_key,
        versions.entity_id as member_id,
        versions.source_system,
        versions.version_number,
        member_rows.member_name,
        member_rows.gender,
        cast(coalesce(member_rows.stated_birth_year, birth_years.birth_year) as integer)
            as birth_year,
        member_rows.city,
        member_rows.state_code,
        states.state_name,
        coalesce(states.region, 'Unknown') as region,
        member_rows.coverage_start_date,
        member_rows.coverage_end_date,
        member_rows.payer,
        member_rows.plan_name,
        member_rows.birth_date,
        versions.valid_from,
        versions.valid_to,
        versions.valid_to = cast('9999-12-31' as timestamp) as is_current,
        versions.stated_from,
        versions._source_file,
        versions._source_row
    from versions
    inner join member_rows
        on
            versions._load_id = member_rows._load_id
            and versions._source_file = member_rows._source_file
            and versions._source_row = member_rows._source_row
    left join birth_years on versions.entity_id = birth_years.member_number
    left join states on member_rows.state_code = states.state_code

)

select * from final
