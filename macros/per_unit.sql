{#- An amount per hour, visit or day, to the cent; null where there is none. Trap: through a double
    2252.905 rounds to .90. -#}
{% macro per_unit(amount, units) -%}
    round(
        cast(cast({{ amount }} as decimal(28, 10)) / nullif({{ units }}, 0) as decimal(28, 10)), 2
    )
{%- endmacro %}
