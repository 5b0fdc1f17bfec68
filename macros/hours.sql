{#- Seconds as hours with four decimals. -#}
{% macro hours(seconds) -%}
    cast(cast({{ seconds }} as decimal(18, 4)) / 3600 as decimal(12, 4))
{%- endmacro %}
