{#- The day of the week, 1 for Monday to 7 for Sunday. -#}
{% macro iso_weekday(day) -%}
    {{ return(adapter.dispatch('iso_weekday')(day)) }}
{%- endmacro %}

{% macro default__iso_weekday(day) -%}
    extract(isodow from {{ day }})
{%- endmacro %}

{% macro spark__iso_weekday(day) -%} (weekday({{ day }}) + 1) {%- endmacro %}
