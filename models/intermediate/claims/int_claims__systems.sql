{%- set rounds = 4 -%}
-- grain: one row per feed: whose ids its claims, members and providers have
with files as (

    select * from {{ ref('int_claims__files') }}

),

declared as (

    select * from {{ ref('claim_feeds') }}

),

feed_pairs as (

    select * from {{ ref('int_claims__feed_pairs') }}
    where is_evidently_one

),

member_feeds as (

    select feed from {{ ref('int_claims__member_rows') }}
    group by feed

),

provider_feeds as (

    select feed from {{ ref('int_claims__provider_rows') }}
    group by feed

),

links as (

    select
        feed,
        other_feed
    from feed_pairs
    union all
    select
        other_feed as feed,
        feed as other_feed
    from feed_pairs

),

feeds as (

    select feed from files
    group by feed

),

-- A declared system sorts first, so that a feed which is evidently the same takes its name.
round_0 as (

    select
        feeds.feed,
        declared.source_system is not null as is_declared,
        case when declared.source_system is null then '1' else '0' end
        || coalesce(declared.source_system, feeds.feed) as label
    from feeds
    left join declared on feeds.feed = declared.feed

),

{% for number in range(1, rounds + 1) %}
    round_{{ number }} as (

        select
            before.feed,
            before.is_declared,
            case
                when
                    before.is_declared
                    or min(others.label) is null
                    or before.label < min(others.label) then before.label
                else min(others.label)
            end as label
        from round_{{ number - 1 }} as before
        left join links on before.feed = links.feed
        left join round_{{ number - 1 }} as others on links.other_feed = others.feed
        group by before.feed, before.is_declared, before.label

    ),

{% endfor %}
named as (

    select
        feed,
        is_declared,
        substr(label, 2) as source_system
    from round_{{ rounds }}

),

brought as (

    select
        named.source_system,
        {{ dbt.bool_or('member_feeds.feed is not null') }} as has_members,
        {{ dbt.bool_or('provider_feeds.feed is not null') }} as has_providers
    from named
    left join member_feeds on named.feed = member_feeds.feed
    left join provider_feeds on named.feed = provider_feeds.feed
    group by named.source_system

),

top as (

    select
        max(case when brought.has_members then named.source_system end) as member_system,
        max(case when brought.has_providers then named.source_system end) as provider_system
    from named
    inner join brought on named.source_system = brought.source_system
    where named.feed = 'main'

),

final as (

    select
        named.feed,
        named.source_system,
        named.is_declared,
        case
            when brought.has_members then named.source_system
            else coalesce(top.member_system, named.source_system)
        end as member_system,
        case
            when brought.has_providers then named.source_system
            else coalesce(top.provider_system, named.source_system)
        end as provider_system,
        brought.has_members,
        brought.has_providers,
        declared.payer,
        declared.delivery
    from named
    inner join brought on named.source_system = brought.source_system
    cross join top
    left join declared on named.feed = declared.feed

)

select * from final
