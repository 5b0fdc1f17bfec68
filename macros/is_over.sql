{#- Whether the day, week or month that begins on a date is over: the as-of day itself still runs, since
    an extract may be made in its middle. A domain with a day of its own passes the model of it. -#}
{% macro is_over(first_day, period, known_day='stg_landing__newest_extract') -%}
    coalesce({{ period_end(first_day, period) }} < {{ as_of(known_day) }}, false)
{%- endmacro %}
