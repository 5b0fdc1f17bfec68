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
        max(member_rows.exported_at) as told_at,
        max(case when not deliveries.is_part then member_rows.exported_at end) as told_whole_at
    from member_rows
    inner join systems on member_rows.feed = systems.feed
    inner join deliveries
        on
            member_rows.series = deliveries.series
            and member_rows.exported_at = deliveries.exported_at
    group by
        {{ claims_number('systems.source_system', 'member_rows.member_id') }},
        member_rows.series,
        coalesce(member_rows.payer, systems.payer),
        member_rows.plan_name,
        coalesce(member_rows.coverage_start_date, cast('1900-01-01' as date)),
        member_rows.coverage_end_date

),

followed as (

    select
        *,
        case
            when valid_from = lag(valid_to) over (partition by member_id order by valid_from) then 0
            else 1
        end as is_return
    from versions

),

stays as (

    select
        *,
        sum(is_return) over (
            partition by member_id order by valid_from
            rows between unbounded preceding and current row
        ) as stay_number
    from followed

),

left_after as (

    select
        *,
        max(valid_to) over (partition by member_id, stay_number) as left_at
    from stays

),

-- A span without an end ends when its member leaves the exports.
ended as (

    select
        told.*,
        case
            when told.coverage_end_date >= cast('9999-12-31' as date)
                then cast('9999-12-31' as date)
            when told.coverage_end_date is not null
                then {{ add_days('told.coverage_end_date', 1) }}
            else coalesce(cast(left_after.left_at as date), cast('9999-12-31' as date))
        end as stated_to
    from told
    left join left_after
        on
            told.member_id = left_after.member_id
            and {{ valid_at('told.told_at', 'left_after') }}

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
        ended.member_id,
        ended.series,
        ended.told_at,
        min(later.span_from) as later_from
    from ended
    inner join ended as later
        on
            ended.member_id = later.member_id
            and ended.series = later.series
            and ended.told_at < later.told_whole_at
    group by ended.member_id, ended.series, ended.told_at

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
            else ended.stated_to
        end as span_to
    from ended
    inner join by_payer
        on
            ended.member_id = by_payer.member_id
            and coalesce(ended.payer, '') = by_payer.payer_label
            and ended.told_at = by_payer.told_at
    left join by_series
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
