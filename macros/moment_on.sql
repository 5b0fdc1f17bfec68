{#- The moment of a day at which a clock shows a time. -#}
{% macro moment_on(day, time) -%} {{ return(adapter.dispatch('moment_on')(day, time)) }} {%- endmacro %}

{% macro default__moment_on(day, time) -%}
    ({{ day }} + {{ time }})
{%- endmacro %}

{% macro spark__moment_on(day, time) -%}
    make_timestamp_ntz({{ day }}, {{ time }})
{%- endmacro %}
