-- grain: one row per export of members or providers, and series: does it list everybody?
with member_rows as (

    select * from {{ ref('int_claims__member_rows') }}

),

provider_rows as (

    select * from {{ ref('int_claims__provider_rows') }}

),

systems as (

    select * from {{ ref('int_claims__systems') }}

),

listed as (

    select
        'member' as entity,
        series,
        exported_at,
        member_id as entity_id,
        min(feed) as feed
    from member_rows
    group by series, exported_at, member_id
    union all
    select
        'provider' as entity,
        series,
        exported_at,
        provider_id as entity_id,
        min(feed) as feed
    from provider_rows
    group by series, exported_at, provider_id

),

exports as (

    select
        entity,
        series,
        exported_at,
        min(feed) as feed,
        count(*) as listed_count,
        row_number() over (partition by entity, series order by exported_at) as export_number,
        lead(exported_at) over (partition by entity, series order by exported_at)
            as next_export_at
    from listed
    group by entity, series, exported_at

),

followed as (

    select
        entity,
        series,
        exported_at,
        lead(exported_at) over (partition by entity, series, entity_id order by exported_at)
            as listed_again_at
    from listed

),

lacking as (

    select
        followed.entity,
        followed.series,
        exports.next_export_at as exported_at,
        count(*) as before_count,
        sum(case when followed.listed_again_at = exports.next_export_at then 0 else 1 end)
            as lacking_count
    from followed
    inner join exports
        on
            followed.entity = exports.entity
            and followed.series = exports.series
            and followed.exported_at = exports.exported_at
    where exports.next_export_at is not null
    group by followed.entity, followed.series, exports.next_export_at

),

judged as (

    select
        exports.*,
        coalesce(lacking.before_count, 0) as before_count,
        coalesce(lacking.lacking_count, 0) as lacking_count,
        coalesce(lacking.lacking_count * 5 > lacking.before_count, false) as is_drop
    from exports
    left join lacking
        on
            exports.entity = lacking.entity
            and exports.series = lacking.series
            and exports.exported_at = lacking.exported_at

),

after_drop as (

    select
        *,
        max(case when is_drop then export_number end) over (
            partition by entity, series order by export_number
            rows between unbounded preceding and current row
        ) as drop_number,
        max(listed_count) over (
            partition by entity, series order by export_number
            rows between unbounded preceding and 1 preceding
        ) as largest_before
    from judged

),

-- After a part, an export is full when it again lists four fifths of the newest that is nearly as
-- large as any before. The one just before it may be a part too, and says nothing.
nearly_largest as (

    select
        later.entity,
        later.series,
        later.export_number,
        later.exported_at,
        max(earlier.export_number) as whole_number
    from after_drop as later
    inner join after_drop as earlier
        on
            later.entity = earlier.entity
            and later.series = earlier.series
            and later.export_number > earlier.export_number
            and earlier.listed_count * 5 >= later.largest_before * 4
    where later.drop_number is not null and not later.is_drop
    group by later.entity, later.series, later.export_number, later.exported_at

),

recovered as (

    select
        later.entity,
        later.series,
        later.export_number
    from nearly_largest as later
    inner join exports as whole
        on
            later.entity = whole.entity
            and later.series = whole.series
            and later.whole_number = whole.export_number
    inner join listed as whole_listed
        on
            whole.entity = whole_listed.entity
            and whole.series = whole_listed.series
            and whole.exported_at = whole_listed.exported_at
    left join listed as later_listed
        on
            later.entity = later_listed.entity
            and later.series = later_listed.series
            and later.exported_at = later_listed.exported_at
            and whole_listed.entity_id = later_listed.entity_id
    group by later.entity, later.series, later.export_number
    having sum(case when later_listed.entity_id is null then 1 else 0 end) * 5 <= count(*)

),

settled as (

    select
        after_drop.*,
        max(recovered.export_number) over (
            partition by after_drop.entity, after_drop.series order by after_drop.export_number
            rows between unbounded preceding and current row
        ) as recovery_number
    from after_drop
    left join recovered
        on
            after_drop.entity = recovered.entity
            and after_drop.series = recovered.series
            and after_drop.export_number = recovered.export_number

),

decided as (

    select
        settled.*,
        systems.source_system,
        systems.delivery,
        case
            when systems.delivery is not null then systems.delivery = 'part'
            when settled.drop_number is null then false
            when settled.recovery_number is null then true
            else settled.recovery_number < settled.drop_number
        end as is_part
    from settled
    inner join systems on settled.feed = systems.feed

),

final as (

    select
        entity,
        source_system,
        feed,
        series,
        exported_at,
        export_number,
        listed_count,
        before_count,
        lacking_count,
        delivery,
        is_part,
        min(case when not is_part then exported_at end) over (
            partition by entity, series order by exported_at
            rows between 1 following and unbounded following
        ) as next_full_at
    from decided

)

select * from final
