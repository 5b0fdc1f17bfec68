{#- The last day of the day, week or month that begins on a date. -#}
{% macro period_end(first_day, period) -%}
    {%- if period == 'day' -%} {{ first_day }}
    {%- elif period == 'week' -%} {{ add_days(first_day, 6) }}
    {%- elif period == 'month' -%}
        {{ add_days("cast(" ~ first_day ~ " + interval '1 month' as date)", -1) }}
    {%- else -%} {{ exceptions.raise_compiler_error('no such period: ' ~ period) }}
    {%- endif -%}
{%- endmacro %}
