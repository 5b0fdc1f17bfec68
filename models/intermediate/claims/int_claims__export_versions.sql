-- grain: one row per version of a member or provider
with member_rows as (

    select * from {{ ref('int_claims__member_rows') }}

),

provider_rows as (

    select * from {{ ref('int_claims__provider_rows') }}

),

systems as (

    select * from {{ ref('int_claims__systems') }}

),

deliveries as (

    select * from {{ ref('int_claims__deliveries') }}

),

said as (

    select
        'member' as entity,
        {{ claims_number('systems.source_system', 'member_rows.member_id') }} as entity_id,
        systems.source_system,
        member_rows.series,
        member_rows.exported_at,
        member_rows.said_at,
        member_rows.content_hash,
        member_rows.coverage_end_date,
        member_rows.coverage_start_date,
        member_rows._source_file,
        member_rows._source_row,
        member_rows._load_id
    from member_rows
    inner join systems on member_rows.feed = systems.feed
    union all
    select
        'provider' as entity,
        {{ claims_number('systems.source_system', 'provider_rows.provider_id') }} as entity_id,
        systems.source_system,
        provider_rows.series,
        provider_rows.exported_at,
        provider_rows.said_at,
        provider_rows.content_hash,
        cast(null as date) as coverage_end_date,
        cast(null as date) as coverage_start_date,
        provider_rows._source_file,
        provider_rows._source_row,
        provider_rows._load_id
    from provider_rows
    inner join systems on provider_rows.feed = systems.feed

),

-- What an export says since a stated day replaces what earlier exports said of the time since then.
restated as (

    select
        entity,
        entity_id,
        exported_at,
        min(said_at) as said_from
    from said
    where said_at <> exported_at
    group by entity, entity_id, exported_at

),

replaced as (

    select
        said.entity,
        said.entity_id,
        said.exported_at,
        said.said_at
    from said
    inner join restated
        on
            said.entity = restated.entity
            and said.entity_id = restated.entity_id
            and said.exported_at < restated.exported_at
            and said.said_at >= restated.said_from
    group by said.entity, said.entity_id, said.exported_at, said.said_at

),

-- Of several rows in one export that of the latest coverage speaks for the person.
ranked as (

    select
        said.*,
        row_number() over (
            partition by said.entity, said.entity_id, said.said_at
            order by
                said.exported_at desc,
                said.coverage_end_date desc nulls first,
                said.coverage_start_date desc nulls last,
                said._source_file desc,
                said._source_row desc
        ) as copy_rank
    from said
    left join replaced
        on
            said.entity = replaced.entity
            and said.entity_id = replaced.entity_id
            and said.exported_at = replaced.exported_at
            and said.said_at = replaced.said_at
    where replaced.entity_id is null

),

statements as (

    select
        *,
        lead(said_at) over (partition by entity, entity_id order by said_at) as next_said_at
    from ranked
    where copy_rank = 1

),

-- What an export says holds until the next that speaks of the same one, or the next that lists
-- everybody and has it no more.
held as (

    select
        statements.*,
        case
            when deliveries.next_full_at <= statements.next_said_at then deliveries.next_full_at
            else coalesce(
                statements.next_said_at,
                deliveries.next_full_at,
                cast('9999-12-31' as timestamp)
            )
        end as held_to
    from statements
    inner join deliveries
        on
            statements.entity = deliveries.entity
            and statements.series = deliveries.series
            and statements.exported_at = deliveries.exported_at

),

compared as (

    select
        *,
        case
            when content_hash = lag(content_hash) over (
                partition by entity, entity_id order by said_at
            ) and said_at = lag(held_to) over (
                partition by entity, entity_id order by said_at
            ) then 0
            else 1
        end as is_change
    from held
    where held_to > said_at

),

numbered as (

    select
        *,
        sum(is_change) over (
            partition by entity, entity_id order by said_at
            rows between unbounded preceding and current row
        ) as version_number
    from compared

),

final as (

    select
        entity,
        entity_id,
        source_system,
        cast(version_number as integer) as version_number,
        min(said_at) as stated_from,
        case
            when version_number = 1 then cast('1900-01-01' as timestamp) else min(said_at)
        end as valid_from,
        max(held_to) as valid_to,
        max(case when is_change = 1 then _source_file end) as _source_file,
        max(case when is_change = 1 then _source_row end) as _source_row,
        max(case when is_change = 1 then _load_id end) as _load_id
    from numbered
    group by entity, entity_id, source_system, version_number

)

select * from final
