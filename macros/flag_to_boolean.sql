{#- A flag of OpenDental (a number) as a boolean; false in a version that lacks the column. -#}
{% macro flag_to_boolean(column) -%}
    coalesce({{ column }}, 0) <> 0
{%- endmacro %}
