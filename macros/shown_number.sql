{#- A number as its reader expects it: at most three decimals, 0.15 and not 0.150. -#}
{% macro shown_number(number) -%}
    trim(trailing '.' from trim(
        trailing '0' from cast(cast({{ number }} as decimal(18, 3)) as {{ dbt.type_string() }})
    ))
{%- endmacro %}
