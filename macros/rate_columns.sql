{#- A share of counted cases with the ends of its interval, as three columns: name, name_low, name_high.
    Null where the whole is 0 or null. Its parts must stand in the same mart (meta numerator and
    denominator), as the test rates_hold checks. -#}
{% macro rate_columns(name, part, whole) -%}
    {{ ratio(part, whole) }} as {{ name }},
    {{ wilson_low(part, whole) }} as {{ name }}_low,
    {{ wilson_high(part, whole) }} as {{ name }}_high
{%- endmacro %}
