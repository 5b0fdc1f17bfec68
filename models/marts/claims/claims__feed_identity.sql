-- grain: one row per feed and other feed; one without other feed where there is only one
with systems as (

    select * from {{ ref('int_claims__systems') }}

),

feed_pairs as (

    select * from {{ ref('int_claims__feed_pairs') }}

),

both_ways as (

    select
        feed,
        other_feed,
        shared_id_count,
        compared_count,
        same_people_count,
        is_evidently_one
    from feed_pairs
    union all
    select
        other_feed as feed,
        feed as other_feed,
        shared_id_count,
        compared_count,
        same_people_count,
        is_evidently_one
    from feed_pairs

),

final as (

    select
        systems.feed,
        systems.source_system,
        systems.member_system,
        systems.provider_system,
        others.feed as other_feed,
        others.source_system as other_source_system,
        coalesce(systems.source_system = others.source_system, false) as is_same_system,
        case
            when others.feed is null then 'the only feed'
            when systems.is_declared and others.is_declared then 'declared'
            when both_ways.is_evidently_one then 'their shared ids are the same people'
            when both_ways.shared_id_count > 0 then 'their shared ids are different people'
            else 'nothing says that they share ids'
        end as decided_by,
        coalesce(both_ways.shared_id_count, 0) as shared_id_count,
        coalesce(both_ways.compared_count, 0) as compared_count,
        cast(coalesce(both_ways.same_people_count, 0) as bigint) as same_people_count,
        cast(coalesce(both_ways.compared_count - both_ways.same_people_count, 0) as bigint)
            as different_people_count
    from systems
    left join systems as others on systems.feed <> others.feed
    left join both_ways
        on systems.feed = both_ways.feed and others.feed = both_ways.other_feed

)

select * from final
