{#- Seconds from one moment to a later one. Trap: give universal times, or the hour that a clock
    change adds or takes is miscounted. -#}
{% macro seconds_between(first, last) -%}
    {{ return(adapter.dispatch('seconds_between')(first, last)) }}
{%- endmacro %}

{% macro default__seconds_between(first, last) -%}
    (epoch({{ last }}) - epoch({{ first }}))
{%- endmacro %}

{#- A decimal, which Postgres rounds as DuckDB rounds a double: halves away from zero. -#}
{% macro postgres__seconds_between(first, last) -%}
    extract(epoch from {{ last }} - {{ first }})
{%- endmacro %}

{% macro spark__seconds_between(first, last) -%}
    (timestampdiff(microsecond, cast({{ first }} as timestamp_ntz), cast({{ last }} as timestamp_ntz)) / 1.0e6)
{%- endmacro %}
