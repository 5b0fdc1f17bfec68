{#- How alike two short texts are, 0 to 1 (Jaro-Winkler: letters in common, first letters most). -#}
{% macro text_similarity(text, other) -%}
    {{ adapter.dispatch('text_similarity')(text, other) }}
{%- endmacro %}

{% macro default__text_similarity(text, other) -%}
    jaro_winkler_similarity({{ text }}, {{ other }})
{%- endmacro %}

{% macro snowflake__text_similarity(text, other) -%}
    (jarowinkler_similarity({{ text }}, {{ other }}) / 100.0)
{%- endmacro %}

{% macro postgres__text_similarity(text, other) -%}
    carehouse.likeness({{ text }}, {{ other }})
{%- endmacro %}
