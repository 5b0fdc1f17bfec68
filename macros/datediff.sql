{#- Whole numbers, as on the other engines; dbt's own gives fractional ones for months and years. -#}
{% macro postgres__datediff(first_date, second_date, datepart) -%}
    cast({{ dbt.postgres__datediff(first_date, second_date, datepart) }} as bigint)
{%- endmacro %}
