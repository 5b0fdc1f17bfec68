-- grain: one row per finding about what members, providers and feeds say
with member_rows as (

    select * from {{ ref('int_claims__member_rows') }}

),

systems as (

    select * from {{ ref('int_claims__systems') }}

),

deliveries as (

    select * from {{ ref('int_claims__deliveries') }}
    where is_part

),

feed_pairs as (

    select * from {{ ref('int_claims__feed_pairs') }}

),

people as (

    select
        feed,
        member_id,
        _source_file,
        _load_id,
        count(*) as row_count,
        min(birth_date) <> max(birth_date) as has_two_births,
        min({{ normalize_label('member_name') }}) <> max({{ normalize_label('member_name') }})
            as has_two_names,
        min(nullif(gender, 'Unknown')) <> max(nullif(gender, 'Unknown')) as has_two_genders
    from member_rows
    group by feed, member_id, _source_file, _load_id
    having count(*) > 1

),

two_people as (

    select
        feed,
        member_id,
        _source_file,
        max(row_count) as row_count
    from people
    where has_two_births or (has_two_names and has_two_genders)
    group by feed, member_id, _source_file

),

final as (

    select
        'two_people_one_id' as check_name,
        systems.source_system,
        two_people.feed,
        two_people.member_id as entity_id,
        two_people._source_file,
        cast(two_people.row_count as bigint) as found_count,
        'One member id stands for different people in one file: tell them apart, and send it again'
            as finding
    from two_people
    inner join systems on two_people.feed = systems.feed
    union all
    select
        'part_delivery' as check_name,
        source_system,
        feed,
        cast(null as {{ dbt.type_string() }}) as entity_id,
        series || ' of ' || cast(exported_at as {{ dbt.type_string() }}) as _source_file,
        cast(lacking_count as bigint) as found_count,
        'Taken for a part: nobody it does not list has left. Say full or part in claim_feeds'
            as finding
    from deliveries
    where delivery is null
    union all
    select
        'ids_of_two_systems' as check_name,
        systems.source_system,
        feed_pairs.feed,
        feed_pairs.other_feed as entity_id,
        cast(null as {{ dbt.type_string() }}) as _source_file,
        cast(feed_pairs.shared_id_count as bigint) as found_count,
        'Two feeds share member ids that are different people: they are kept apart' as finding
    from feed_pairs
    inner join systems on feed_pairs.feed = systems.feed
    inner join systems as others on feed_pairs.other_feed = others.feed
    where systems.source_system <> others.source_system

)

select * from final
