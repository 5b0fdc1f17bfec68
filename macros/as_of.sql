{#- The day to compute as of: CAREHOUSE_AS_OF or var as_of_date, else the newest extract's day, so
    that what passes today passes next month. Null when nothing has landed.
    A domain with a day of its own passes the model that holds it. -#}
{% macro as_of(known_day='stg_landing__newest_extract') -%}
    {%- set day = named_day() -%}
    {%- if day -%} cast('{{ day }}' as date)
    {%- else -%} (select as_of_date from {{ ref(known_day) }})
    {%- endif -%}
{%- endmacro %}
