{#- Regular expressions, each engine its own way. Patterns are RE2 without look-around. Trap: they
    are written in raw SQL literals, so a pattern must not hold a single quote. -#}
{% macro regex_matches(text, pattern) -%}
    {{ adapter.dispatch('regex_matches')(text, pattern) }}
{%- endmacro %}

{% macro default__regex_matches(text, pattern) -%}
    regexp_matches({{ text }}, '{{ pattern }}')
{%- endmacro %}

{% macro regex_replace(text, pattern, replacement) -%}
    {{ adapter.dispatch('regex_replace')(text, pattern, replacement) }}
{%- endmacro %}

{% macro default__regex_replace(text, pattern, replacement) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '{{ replacement }}', 'g')
{%- endmacro %}

{% macro regex_extract(text, pattern, group=1) -%}
    {{ adapter.dispatch('regex_extract')(text, pattern, group) }}
{%- endmacro %}

{% macro default__regex_extract(text, pattern, group) -%}
    nullif(regexp_extract({{ text }}, '{{ pattern }}', {{ group }}), '')
{%- endmacro %}

{% macro regex_matches_column(text, pattern_column) -%}
    {{ adapter.dispatch('regex_matches_column')(text, pattern_column) }}
{%- endmacro %}

{% macro default__regex_matches_column(text, pattern_column) -%}
    regexp_matches({{ text }}, {{ pattern_column }})
{%- endmacro %}
