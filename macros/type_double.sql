{#- A 64-bit floating type. Trap: dbt.type_float() is 32 bit on DuckDB and Spark. -#}
{% macro type_double() -%}
    {{ adapter.dispatch('type_double')() }}
{%- endmacro %}

{% macro default__type_double() -%}
    double
{%- endmacro %}

{% macro postgres__type_double() -%}
    double precision
{%- endmacro %}
