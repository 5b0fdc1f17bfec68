{#- Whether every day of a month has had its whole horizon by the as-of day: the last day of the month
    plus the horizon is not later. Trap: a month that is only partly mature counts as immature, so
    that a rate never mixes procedures that had their time with those that had not. -#}
{% macro is_mature_month(month, horizon_days) -%}
    {{ add_days("cast(" ~ month ~ " + interval '1 month' as date)", (horizon_days | int) - 1) }} <= {{ as_of() }}
{%- endmacro %}
