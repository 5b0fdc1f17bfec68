{#- Whole calendar months from one date to another: 31 January to 1 February is 1. -#}
{% macro months_between(first, last) -%}
    {{ dbt.datediff(first, last, 'month') }}
{%- endmacro %}
