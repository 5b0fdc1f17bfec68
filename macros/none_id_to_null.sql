{#- A reference to another OpenDental row, null where there is none (0). Trap: 0 has meanings too:
    no clinic is the head office, no payment type an income transfer, no provider unearned money. -#}
{% macro none_id_to_null(column) -%}
    nullif({{ column }}, 0)
{%- endmacro %}
