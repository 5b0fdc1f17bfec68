{#- One field of a table row, from its cells: {{ field_value('summary') }} in a query grouped by row.
    Trap: a column name met twice in one table counts once, so max() meets one value. -#}
{% macro field_value(field, column='value_text') -%}
    max(case when field = '{{ field }}' then {{ column }} end)
{%- endmacro %}
