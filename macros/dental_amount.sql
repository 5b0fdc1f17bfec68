{#- An amount of OpenDental at two decimals. One that no amount can be (10 billion or more, infinite,
    not a number) reads as 0 and is a finding of `dental.validation_findings`. Trap: a plain cast of
    one such cell fails every model that reads the table, and a larger one fails in a product. -#}
{% macro dental_amount(column) -%}
    cast(
        case when {{ column }} is not null then coalesce({{ try_to(column, 'decimal(12, 2)') }}, 0) end
        as decimal(18, 2)
    )
{%- endmacro %}
