{#- The age of a day as OpenDental's four buckets; null in the future. Trap: an empty date is the
    oldest, not unknown, as the program stores it as the year 1. -#}
{% macro aging_bucket(day) -%}
    case
        when {{ day }} > {{ as_of() }} then null
        when {{ day }} >= {{ add_days(as_of(), -30) }} then '0_30'
        when {{ day }} >= {{ add_days(as_of(), -60) }} then '31_60'
        when {{ day }} >= {{ add_days(as_of(), -90) }} then '61_90'
        else 'over_90'
    end
{%- endmacro %}
