{#- A date some days later, as a date. -#}
{% macro add_days(day, count) -%}
    {{ adapter.dispatch('add_days')(day, count) }}
{%- endmacro %}

{% macro default__add_days(day, count) -%}
    ({{ day }} + {{ count }})
{%- endmacro %}

{% macro postgres__add_days(day, count) -%}
    ({{ day }} + cast({{ count }} as integer))
{%- endmacro %}
