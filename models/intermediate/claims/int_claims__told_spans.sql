-- grain: one row per member and span of coverage that an export tells
with member_rows as (

    select * from {{ ref('int_claims__member_rows') }}
    where coverage_start_date is not null or coverage_end_date is not null

),

systems as (

    select * from {{ ref('int_claims__systems') }}

),

deliveries as (

    select * from {{ ref('int_claims__deliveries') }}
    where entity = 'member'

),

versions as (

    select * from {{ ref('int_claims__member_versions') }}

),

told as (

    select
        {{ claims_number('systems.source_system', 'member_rows.member_id') }} as member_id,
        member_rows.series,
        coalesce(member_rows.payer, systems.payer) as payer,
        member_rows.plan_name,
        coalesce(member_rows.coverage_start_date, cast('1900-01-01' as date)) as span_from,
        member_rows.coverage_end_date,
        max(member_rows.exported_at) as told_at
    from member_rows
    inner join systems on member_rows.feed = systems.feed
    group by
        {{ claims_number('systems.source_system', 'member_rows.member_id') }},
        member_rows.series,
        coalesce(member_rows.payer, systems.payer),
        member_rows.plan_name,
        coalesce(member_rows.coverage_start_date, cast('1900-01-01' as date)),
        member_rows.coverage_end_date

),

followed_versions as (

    select
        *,
        lead(valid_from) over (partition by member_id order by valid_from) as next_valid_from
    from versions

),

-- A span without an end ends when its member leaves the exports.
ended as (

    select
        told.*,
        deliveries.is_part,
        case
            when told.coverage_end_date >= cast('9999-12-31' as date)
                then cast('9999-12-31' as date)
            when told.coverage_end_date is not null
                then {{ add_days('told.coverage_end_date', 1) }}
            when
                followed_versions.next_valid_from is null
                or followed_versions.next_valid_from > followed_versions.valid_to
                then cast(followed_versions.valid_to as date)
            else cast('9999-12-31' as date)
        end as stated_to
    from told
    inner join deliveries
        on told.series = deliveries.series and told.told_at = deliveries.exported_at
    left join followed_versions
        on
            told.member_id = followed_versions.member_id
            and {{ valid_at('told.told_at', 'followed_versions') }}

),

-- What an export told earlier holds up to the first day of what a later one tells: of the same
-- payer in any export, of every payer in one of the same series that lists everybody.
by_payer as (

    select
        member_id,
        coalesce(payer, '') as payer_label,
        told_at,
        min(min(span_from)) over (
            partition by member_id, coalesce(payer, '') order by told_at
            rows between 1 following and unbounded following
        ) as later_from
    from ended
    group by member_id, coalesce(payer, ''), told_at

),

by_series as (

    select
        member_id,
        series,
        told_at,
        min(min(case when not is_part then span_from end)) over (
            partition by member_id, series order by told_at
            rows between 1 following and unbounded following
        ) as later_from
    from ended
    group by member_id, series, told_at

),

cut_short as (

    select
        ended.member_id,
        ended.payer,
        ended.plan_name,
        ended.span_from,
        case
            when
                by_payer.later_from < ended.stated_to
                and (
                    by_series.later_from is null
                    or by_payer.later_from <= by_series.later_from
                ) then by_payer.later_from
            when by_series.later_from < ended.stated_to then by_series.later_from
            else coalesce(ended.stated_to, cast('9999-12-31' as date))
        end as span_to
    from ended
    inner join by_payer
        on
            ended.member_id = by_payer.member_id
            and coalesce(ended.payer, '') = by_payer.payer_label
            and ended.told_at = by_payer.told_at
    inner join by_series
        on
            ended.member_id = by_series.member_id
            and ended.series = by_series.series
            and ended.told_at = by_series.told_at

),

final as (

    select
        member_id,
        payer,
        plan_name,
        span_from,
        span_to
    from cut_short
    where span_from < span_to
    group by member_id, payer, plan_name, span_from, span_to

)

select * from final
