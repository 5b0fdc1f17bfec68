{#- Seconds from one moment to a later one. Trap: give universal times, or the hour that a clock
    change adds or takes is miscounted. -#}
{% macro seconds_between(first, last) -%}
    {{ return(adapter.dispatch('seconds_between')(first, last)) }}
{%- endmacro %}

{% macro default__seconds_between(first, last) -%}
    (epoch({{ last }}) - epoch({{ first }}))
{%- endmacro %}
