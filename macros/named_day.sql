{#- The day that CAREHOUSE_AS_OF or var as_of_date names, as text; empty where none does. Trap: read
    while dbt parses, the variable would make it parse every model that uses it again on each new
    day, a third of the morning's run. So no ref may depend on it: the parser would not see it. -#}
{% macro named_day() -%}
    {{ (var('as_of_date', none) or env_var('CAREHOUSE_AS_OF', '')) if execute else '' }}
{%- endmacro %}
