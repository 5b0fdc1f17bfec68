{#- OpenDental's empty date (0001-01-01) as null; the program itself takes every year before 1880 for
    empty. For dates and moments. Trap: where an order matters, an empty date counts as the oldest. -#}
{% macro empty_date_to_null(column) -%}
    case when {{ column }} >= cast('1880-01-01' as date) then {{ column }} end
{%- endmacro %}
