-- grain: one row per member and month with at least one covered day
with spans as (

    select * from {{ ref('int_claims__coverage_spans') }}

),

months as (

    select * from {{ ref('int_claims__months') }}

),

claims_period as (

    select min(claim_date) as first_date from {{ ref('int_claims__claims') }}

),

-- From the month of the first claim to the day the claims are known as of.
bounded as (

    select
        spans.member_id,
        spans.is_inferred,
        case
            when spans.span_from < {{ dbt.date_trunc('month', 'claims_period.first_date') }}
                then cast({{ dbt.date_trunc('month', 'claims_period.first_date') }} as date)
            else spans.span_from
        end as span_from,
        case
            when spans.span_to > {{ claims_as_of() }} then {{ add_days(claims_as_of(), 1) }}
            else spans.span_to
        end as span_to
    from spans
    cross join claims_period

),

covered as (

    select
        bounded.member_id,
        bounded.is_inferred,
        months.month_start,
        months.next_month_start,
        case
            when bounded.span_from > months.month_start then bounded.span_from
            else months.month_start
        end as covered_from,
        case
            when bounded.span_to < months.next_month_start then bounded.span_to
            else months.next_month_start
        end as covered_to
    from bounded
    inner join months
        on
            bounded.span_from < months.next_month_start
            and bounded.span_to > months.month_start
            and bounded.span_from < bounded.span_to

),

final as (

    select
        member_id,
        month_start as month,
        cast(sum({{ dbt.datediff('covered_from', 'covered_to', 'day') }}) as integer)
            as covered_days,
        cast({{ dbt.datediff('month_start', 'next_month_start', 'day') }} as integer)
            as days_in_month,
        {{ dbt.bool_or('is_inferred') }} as is_inferred
    from covered
    group by member_id, month_start, next_month_start

)

select * from final
