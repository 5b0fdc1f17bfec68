-- grain: one row per version of a member
with versions as (

    select * from {{ ref('int_claims__member_versions') }}

),

final as (

    select
        member_key,
        source_system,
        {{ claims_plain_id('source_system', 'member_id') }} as member_id,
        member_name,
        gender,
        birth_year,
        birth_date,
        city,
        state_code,
        state_name,
        region,
        coverage_start_date,
        coverage_end_date,
        payer,
        plan_name,
        version_number,
        valid_from,
        valid_to,
        is_current,
        stated_from,
        _source_file,
        _source_row
    from versions

)

select * from final
