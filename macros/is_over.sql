{#- Whether the day, week or month that begins on a date is over: the as-of day itself still runs, since
    an extract may be made in its middle. -#}
{% macro is_over(first_day, period) -%}
    coalesce({{ period_end(first_day, period) }} < {{ as_of() }}, false)
{%- endmacro %}
