-- grain: one row per member, span of coverage, payer and plan
{{ config(materialized='view') }}
with told_spans as (

    select * from {{ ref('int_claims__told_spans') }}

),

inferred_spans as (

    select * from {{ ref('int_claims__inferred_spans') }}

),

versions as (

    select * from {{ ref('int_claims__member_versions') }}

),

claims_period as (

    select min(claim_date) as first_date from {{ ref('int_claims__claims') }}

),

spans as (

    select
        member_id,
        payer,
        plan_name,
        span_from,
        span_to
    from told_spans
    union all
    select
        member_id,
        payer,
        cast(null as {{ dbt.type_string() }}) as plan_name,
        span_from,
        span_to
    from inferred_spans

),

cut as (

    select
        spans.member_id,
        spans.payer,
        spans.plan_name,
        case
            when spans.span_from < {{ dbt.date_trunc('month', 'claims_period.first_date') }}
                then cast({{ dbt.date_trunc('month', 'claims_period.first_date') }} as date)
            else spans.span_from
        end as span_from,
        case
            when spans.span_to > {{ claims_as_of() }} then {{ add_days(claims_as_of(), 1) }}
            else spans.span_to
        end as span_to
    from spans
    cross join claims_period

),

bounded as (

    select
        member_id,
        payer,
        plan_name,
        span_from,
        span_to
    from cut
    where span_from < span_to
    group by member_id, payer, plan_name, span_from, span_to

),

ranked as (

    select
        *,
        row_number() over (partition by member_id order by valid_from desc) as version_rank
    from versions

),

members as (

    select * from ranked
    where version_rank = 1

),

final as (

    select
        members.member_id as person_id,
        {{ claims_plain_id('members.source_system', 'members.member_id') }} as member_id,
        cast(null as {{ dbt.type_string() }}) as subscriber_id,
        case when members.gender in ('Male', 'Female') then lower(members.gender) else 'unknown' end
            as gender,
        cast(null as {{ dbt.type_string() }}) as race,
        members.birth_date,
        cast(null as date) as death_date,
        cast(null as integer) as death_flag,
        bounded.span_from as enrollment_start_date,
        {{ add_days('bounded.span_to', -1) }} as enrollment_end_date,
        bounded.payer,
        cast(null as {{ dbt.type_string() }}) as payer_type,
        bounded.plan_name as plan,
        cast(null as {{ dbt.type_string() }}) as original_reason_entitlement_code,
        cast(null as {{ dbt.type_string() }}) as dual_status_code,
        cast(null as {{ dbt.type_string() }}) as medicare_status_code,
        cast(null as {{ dbt.type_string() }}) as group_id,
        cast(null as {{ dbt.type_string() }}) as group_name,
        cast(null as {{ dbt.type_string() }}) as name_suffix,
        {{ regex_extract('members.member_name', '^(.*) [^ ]+$', 1) }} as first_name,
        cast(null as {{ dbt.type_string() }}) as middle_name,
        {{ regex_extract('members.member_name', '([^ ]+)$', 1) }} as last_name,
        cast(null as {{ dbt.type_string() }}) as social_security_number,
        cast(null as {{ dbt.type_string() }}) as subscriber_relation,
        cast(null as {{ dbt.type_string() }}) as address,
        members.city,
        coalesce(members.state_name, members.state_code) as state,
        cast(null as {{ dbt.type_string() }}) as zip_code,
        cast(null as {{ dbt.type_string() }}) as phone,
        cast(null as {{ dbt.type_string() }}) as email,
        cast(null as {{ dbt.type_string() }}) as ethnicity,
        members.source_system as data_source,
        members._source_file as file_name,
        cast(members.stated_from as date) as file_date,
        members.stated_from as ingest_datetime
    from bounded
    inner join members on bounded.member_id = members.member_id

)

select * from final
