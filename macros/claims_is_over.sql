{#- Whether a day or month is over on the day the claims are known as of. -#}
{% macro claims_is_over(first_day, period) -%}
    {{ is_over(first_day, period, 'int_claims__as_of') }}
{%- endmacro %}
