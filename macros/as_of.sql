{#- The day to compute as of: CAREHOUSE_AS_OF or var as_of_date, else the newest extract's day, so
    that what passes today passes next month. Null when nothing has landed. -#}
{% macro as_of() -%}
    {%- set day = var('as_of_date', none) or env_var('CAREHOUSE_AS_OF', '') -%}
    {%- if day -%} cast('{{ day }}' as date)
    {%- else -%} (select as_of_date from {{ ref('stg_landing__newest_extract') }})
    {%- endif -%}
{%- endmacro %}
