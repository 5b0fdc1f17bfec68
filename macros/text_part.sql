{#- The n-th part of a text split at a separator; null when there is none. Trap: engines differ on a
    missing part (empty, null, error). -#}
{% macro text_part(text, separator, number) -%}
    {{ adapter.dispatch('text_part')(text, separator, number) }}
{%- endmacro %}

{% macro default__text_part(text, separator, number) -%}
    nullif(split_part({{ text }}, '{{ separator }}', {{ number }}), '')
{%- endmacro %}

{% macro postgres__text_part(text, separator, number) -%}
    nullif(split_part({{ text }}, '{{ separator }}', cast({{ number }} as integer)), '')
{%- endmacro %}
