{#- A query that gives the whole numbers 1 to n, in a column `number`; for splitting a text into its
    parts where arrays have no common form. -#}
{% macro number_series(count) -%}
    {% for number in range(1, count + 1) -%}
    select {{ number }} as number{{ ' union all ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
