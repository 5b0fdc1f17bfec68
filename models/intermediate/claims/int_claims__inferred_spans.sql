-- grain: one row per member of whom no export tells coverage: from the first claim to the last
with versions as (

    select * from {{ ref('int_claims__member_versions') }}

),

told_spans as (

    select member_id from {{ ref('int_claims__told_spans') }}
    group by member_id

),

claims as (

    select * from {{ ref('int_claims__claims') }}

),

systems as (

    select
        source_system,
        max(payer) as payer
    from {{ ref('int_claims__systems') }}
    group by source_system

),

claims_period as (

    select
        min(claim_date) as first_date,
        max(claim_date) as last_date
    from claims

),

unstated as (

    select
        versions.member_id,
        versions.source_system,
        max(case when versions.is_current then versions.payer end) as payer
    from versions
    group by versions.member_id, versions.source_system
    having max(versions.coverage_start_date) is null and max(versions.coverage_end_date) is null

),

final as (

    select
        unstated.member_id,
        coalesce(unstated.payer, systems.payer) as payer,
        claims_period.first_date as span_from,
        {{ add_days('claims_period.last_date', 1) }} as span_to
    from unstated
    inner join systems on unstated.source_system = systems.source_system
    left join told_spans on unstated.member_id = told_spans.member_id
    cross join claims_period
    where told_spans.member_id is null and claims_period.first_date is not null

)

select * from final
