-- grain: one row per version of a member or provider
with member_rows as (

    select * from {{ ref('int_claims__member_rows') }}

),

provider_rows as (

    select * from {{ ref('int_claims__provider_rows') }}

),

said as (

    select
        'member' as entity,
        member_id as entity_id,
        feed,
        exported_at,
        content_hash,
        _source_file,
        _source_row,
        _load_id
    from member_rows
    union all
    select
        'provider' as entity,
        provider_id as entity_id,
        feed,
        exported_at,
        content_hash,
        _source_file,
        _source_row,
        _load_id
    from provider_rows

),

exports as (

    select
        entity,
        feed,
        exported_at
    from said
    group by entity, feed, exported_at

),

following as (

    select
        *,
        lead(exported_at) over (partition by entity, feed order by exported_at) as next_export_at
    from exports

),

ranked as (

    select
        *,
        row_number() over (
            partition by entity, entity_id, exported_at
            order by _source_file desc, _source_row desc
        ) as copy_rank
    from said

),

-- What an export says holds until the next export of its feed, which has the row again or has it
-- no more, or until another feed speaks of the same one.
held as (

    select
        ranked.*,
        case
            when following.next_export_at <= lead(ranked.exported_at) over (
                partition by ranked.entity, ranked.entity_id order by ranked.exported_at
            ) then following.next_export_at
            else coalesce(
                lead(ranked.exported_at) over (
                    partition by ranked.entity, ranked.entity_id order by ranked.exported_at
                ),
                following.next_export_at,
                cast('9999-12-31' as timestamp)
            )
        end as held_to
    from ranked
    inner join following
        on
            ranked.entity = following.entity
            and ranked.feed = following.feed
            and ranked.exported_at = following.exported_at
    where ranked.copy_rank = 1

),

compared as (

    select
        *,
        case
            when content_hash = lag(content_hash) over (
                partition by entity, entity_id order by exported_at
            ) and exported_at = lag(held_to) over (
                partition by entity, entity_id order by exported_at
            ) then 0
            else 1
        end as is_change
    from held

),

numbered as (

    select
        *,
        sum(is_change) over (
            partition by entity, entity_id order by exported_at
            rows between unbounded preceding and current row
        ) as version_number
    from compared

),

final as (

    select
        entity,
        entity_id,
        cast(version_number as integer) as version_number,
        min(exported_at) as stated_from,
        case
            when version_number = 1 then cast('1900-01-01' as timestamp) else min(exported_at)
        end as valid_from,
        max(held_to) as valid_to,
        max(case when is_change = 1 then _source_file end) as _source_file,
        max(case when is_change = 1 then _source_row end) as _source_row,
        max(case when is_change = 1 then _load_id end) as _load_id
    from numbered
    group by entity, entity_id, version_number

)

select * from final
