{#- The CTEs that make spans which overlap or meet into one: from a CTE `spans` with the keys,
    span_from, span_to and is_inferred to a CTE `final`, numbered within the keys. -#}
{% macro claims_unbroken_spans(keys) -%}
    {%- set key = keys | join(', ') -%}
reached as (

    select
        *,
        max(span_to) over (
            partition by {{ key }} order by span_from, span_to
            rows between unbounded preceding and 1 preceding
        ) as reached_to
    from spans
    where span_from < span_to

),

islands as (

    select
        *,
        sum(case when span_from <= reached_to then 0 else 1 end) over (
            partition by {{ key }} order by span_from, span_to
            rows between unbounded preceding and current row
        ) as span_number
    from reached

),

final as (

    select
        {{ key }},
        cast(span_number as integer) as span_number,
        min(span_from) as span_from,
        max(span_to) as span_to,
        {{ dbt.bool_or('is_inferred') }} as is_inferred
    from islands
    group by {{ key }}, span_number

)
{%- endmacro %}
