{#- A query of the months that spans of coverage touch, with their covered days: from the month of the
    first claim to the day the claims are known as of. Keys are the span's, member_id among them. -#}
{% macro claims_member_months(spans, keys) -%}
    {%- set others = keys | reject('equalto', 'member_id') | list -%}
with spans as (

    select * from {{ ref(spans) }}

),

members as (

    select
        member_id,
        min(source_system) as source_system
    from {{ ref('int_claims__member_versions') }}
    group by member_id

),

months as (

    select * from {{ ref('int_claims__months') }}

),

claims_period as (

    select min(claim_date) as first_date from {{ ref('int_claims__claims') }}

),

bounded as (

    select
        {%- for key in keys %}
        spans.{{ key }},
        {%- endfor %}
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
        {%- for key in keys %}
        bounded.{{ key }},
        {%- endfor %}
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

summed as (

    select
        {{ keys | join(',\n        ') }},
        month_start,
        next_month_start,
        sum({{ dbt.datediff('covered_from', 'covered_to', 'day') }}) as covered_days,
        {{ dbt.bool_or('is_inferred') }} as is_inferred
    from covered
    group by {{ keys | join(', ') }}, month_start, next_month_start

),

final as (

    select
        members.source_system,
        {{ claims_plain_id('members.source_system', 'summed.member_id') }} as member_id,
        {%- for key in others %}
        summed.{{ key }},
        {%- endfor %}
        summed.month_start as month,
        {{ claims_is_over('summed.month_start', 'month') }} as is_complete,
        cast(summed.covered_days as integer) as covered_days,
        cast(
            {{ dbt.datediff('summed.month_start', 'summed.next_month_start', 'day') }} as integer
        ) as days_in_month,
        summed.is_inferred
    from summed
    inner join members on summed.member_id = members.member_id

)

select * from final
{%- endmacro %}
