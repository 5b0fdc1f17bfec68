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

{% macro spark__add_days(day, count) -%} date_add({{ day }}, cast({{ count }} as int)) {%- endmacro %}
