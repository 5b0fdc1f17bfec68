-- Fails with each member whose covered days are not the days of the spans, or too many for a month.
with spans as (

    select * from {{ ref('int_claims__coverage_spans') }}

),

months as (

    select * from {{ ref('claims__member_months') }}

),

period as (

    select cast({{ dbt.date_trunc('month', 'min(claim_date)') }} as date) as first_day
    from {{ ref('claims__fact_claims') }}

),

bounded as (

    select
        spans.member_id,
        case when spans.span_from < period.first_day then period.first_day else spans.span_from end
            as day_from,
        case
            when spans.span_to > {{ claims_as_of() }} then {{ add_days(claims_as_of(), 1) }}
            else spans.span_to
        end as day_to
    from spans
    cross join period

),

span_days as (

    select
        member_id,
        sum({{ dbt.datediff('day_from', 'day_to', 'day') }}) as day_count
    from bounded
    where day_from < day_to
    group by member_id

),

month_days as (

    select
        {{ claims_number('source_system', 'member_id') }} as member_id,
        sum(covered_days) as day_count,
        max(covered_days - days_in_month) as too_many
    from months
    group by {{ claims_number('source_system', 'member_id') }}

)

select
    coalesce(span_days.member_id, month_days.member_id) as member_id,
    span_days.day_count as span_days,
    month_days.day_count as month_days
from span_days
full outer join month_days on span_days.member_id = month_days.member_id
where
    span_days.day_count is distinct from month_days.day_count
    or month_days.too_many > 0
