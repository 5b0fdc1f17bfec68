-- grain: one row per member and unbroken span of coverage
with versions as (

    select * from {{ ref('int_claims__member_versions') }}

),

claims as (

    select * from {{ ref('int_claims__claims') }}

),

claims_period as (

    select
        min(claim_date) as first_date,
        max(claim_date) as last_date
    from claims

),

followed as (

    select
        *,
        lead(valid_from) over (partition by member_id order by valid_from) as next_valid_from
    from versions

),

stated as (

    select
        member_id,
        valid_from,
        coalesce(coverage_start_date, cast('1900-01-01' as date)) as span_from,
        case
            when coverage_end_date is not null then {{ add_days('coverage_end_date', 1) }}
            when next_valid_from is null or next_valid_from > valid_to then cast(valid_to as date)
            else cast('9999-12-31' as date)
        end as span_to,
        false as is_inferred
    from followed
    where coverage_start_date is not null or coverage_end_date is not null

),

-- What an export told earlier holds up to the first day of what a later one tells.
cut_short as (

    select
        *,
        min(span_from) over (
            partition by member_id order by valid_from
            rows between 1 following and unbounded following
        ) as later_from
    from stated

),

unstated as (

    select member_id from versions
    group by member_id
    having max(coverage_start_date) is null and max(coverage_end_date) is null

),

spans as (

    select
        member_id,
        span_from,
        case when later_from < span_to then later_from else span_to end as span_to,
        is_inferred
    from cut_short
    union all
    select
        unstated.member_id,
        claims_period.first_date as span_from,
        {{ add_days('claims_period.last_date', 1) }} as span_to,
        true as is_inferred
    from unstated
    cross join claims_period

),

reached as (

    select
        *,
        max(span_to) over (
            partition by member_id order by span_from, span_to
            rows between unbounded preceding and 1 preceding
        ) as reached_to
    from spans
    where span_from < span_to

),

islands as (

    select
        *,
        sum(case when span_from <= reached_to then 0 else 1 end) over (
            partition by member_id order by span_from, span_to
            rows between unbounded preceding and current row
        ) as span_number
    from reached

),

final as (

    select
        member_id,
        cast(span_number as integer) as span_number,
        min(span_from) as span_from,
        max(span_to) as span_to,
        {{ dbt.bool_or('is_inferred') }} as is_inferred
    from islands
    group by member_id, span_number

)

select * from final
