{#- A number of OpenDental that may be left blank, null where it is (-1). Trap: only for the columns
    that know a blank; a paid amount of -1 is a recoupment of one. -#}
{% macro blank_to_null(column, type='decimal(18, 2)') -%}
    cast(nullif({{ column }}, -1) as {{ type }})
{%- endmacro %}
