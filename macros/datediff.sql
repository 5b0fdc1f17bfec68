{#- Whole numbers, as on the other engines; dbt's own gives fractional ones for months and years. -#}
{% macro postgres__datediff(first_date, second_date, datepart) -%}
    cast({{ dbt.postgres__datediff(first_date, second_date, datepart) }} as bigint)
{%- endmacro %}

{#- A bigint as DuckDB's, which contracts ask for; Spark's own is wrong at the ends of months. -#}
{% macro spark__datediff(first_date, second_date, datepart) -%}
    {%- set first, second = 'cast(' ~ first_date ~ ' as date)', 'cast(' ~ second_date ~ ' as date)' -%}
    {%- set years = '(year(' ~ second ~ ') - year(' ~ first ~ '))' -%}
    {%- if datepart == 'day' -%} cast(datediff({{ second }}, {{ first }}) as bigint)
    {%- elif datepart == 'year' -%} cast({{ years }} as bigint)
    {%- elif datepart in ('month', 'quarter') -%}
        cast(
            {{ years }} * {{ 12 if datepart == 'month' else 4 }}
            + {{ datepart }}({{ second }}) - {{ datepart }}({{ first }}) as bigint
        )
    {%- else -%} {{ exceptions.raise_compiler_error('use seconds_between for ' ~ datepart) }}
    {%- endif -%}
{%- endmacro %}
