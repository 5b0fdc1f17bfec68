{#- One number in another, as a double; null where there is nothing to divide by. -#}
{% macro ratio(part, whole) -%}
    cast({{ part }} as {{ type_double() }}) / nullif(cast({{ whole }} as {{ type_double() }}), 0)
{%- endmacro %}
