{#- One part of OpenDental's packed interval: years in the high byte, then months, weeks, days.
    Arithmetic in place of bit operators, which engines write differently. Trap: 393216 is six months,
    not a number of days. -#}
{% macro packed_interval_part(value, part) -%}
    {%- set shift = {'years': 16777216, 'months': 65536, 'weeks': 256, 'days': 1}[part] -%}
    cast(
        mod(cast(floor({{ value }} / {{ shift }}.0) as bigint), 256) as integer
    )
{%- endmacro %}
