-- grain: one row per pair of feeds that share a member id: whether they mean the same people
with member_rows as (

    select * from {{ ref('int_claims__member_rows') }}

),

shared_ids as (

    select member_id
    from member_rows
    group by member_id
    having min(feed) <> max(feed)

),

ranked as (

    select
        member_rows.feed,
        member_rows.member_id,
        member_rows.birth_date,
        nullif(member_rows.gender, 'Unknown') as gender,
        {{ normalize_label('member_rows.member_name') }} as name_label,
        row_number() over (
            partition by member_rows.feed, member_rows.member_id
            order by
                member_rows.exported_at desc, member_rows._source_file desc,
                member_rows._source_row desc
        ) as row_rank
    from member_rows
    inner join shared_ids on member_rows.member_id = shared_ids.member_id

),

people as (

    select * from ranked
    where row_rank = 1

),

compared as (

    select
        people.feed,
        others.feed as other_feed,
        case
            when people.birth_date <> others.birth_date then 0
            when
                people.birth_date = others.birth_date
                and (people.name_label = others.name_label or people.gender = others.gender)
                then 1
            when
                people.birth_date = others.birth_date
                and (people.name_label <> others.name_label or people.gender <> others.gender)
                then 0
            when people.birth_date = others.birth_date then 1
            when people.name_label <> others.name_label or people.gender <> others.gender then 0
            when people.name_label = others.name_label then 1
        end as is_same
    from people
    inner join people as others
        on people.member_id = others.member_id and people.feed < others.feed

),

final as (

    select
        feed,
        other_feed,
        count(*) as shared_id_count,
        count(is_same) as compared_count,
        coalesce(sum(is_same), 0) as same_people_count,
        -- As a whole: single birthdays are corrected, whole numberings do not agree by chance.
        coalesce(sum(is_same) * 5 >= count(is_same) * 4, false) as is_evidently_one
    from compared
    group by feed, other_feed

)

select * from final
