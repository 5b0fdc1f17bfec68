{#- Casts that give null where the text does not fit. Trap: dbt.safe_cast raises on several engines. -#}
{% macro try_to(text, type) -%}
    {{ adapter.dispatch('try_to')(text, type) }}
{%- endmacro %}

{% macro default__try_to(text, type) -%}
    try_cast({{ text }} as {{ type }})
{%- endmacro %}
