{#- A key made of several columns. Trap: nulls count as an empty text, so a column that may be null
    beside one that may be empty gives the same key. -#}
{% macro surrogate_key(columns) -%}
    md5(
        {%- for column in columns %}
        coalesce(cast({{ column }} as {{ dbt.type_string() }}), ''){{ " || '|' ||" if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}
