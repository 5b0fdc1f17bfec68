{#- Whether a moment's text has no time of day, or midnight: how exports write a day. -#}
{% macro is_at_midnight(text) -%}
    (
        {{ text }} is null or length({{ text }}) <= 10
        or {{ regex_matches(text, '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]00:00(:00([.]0+)?)? ?(Z|[+-][0-9:]+)?$') }}
    )
{%- endmacro %}
