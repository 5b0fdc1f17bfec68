{#- A number of OpenDental that may be left blank, null where it is (-1) or
    holds what no such number can be. Trap: only for the columns
    that know a blank; a paid amount of -1 is a recoupment of one. -#}
{% macro blank_to_null(column, type='decimal(18, 2)') -%}
    cast({{ try_to('nullif(' ~ column ~ ', -1)', 'decimal(12, 2)' if type == 'decimal(18, 2)' else type) }} as {{ type }})
{%- endmacro %}
