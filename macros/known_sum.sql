{#- The sum over the rows a condition holds for, as an amount: 0 where there are no such rows, null where
    there are and none has the value. Unknown is not 0. -#}
{% macro known_sum(value, condition='true') -%}
    case
        when coalesce(sum(case when {{ condition }} then 1 else 0 end), 0) = 0 then 0
        else sum(case when {{ condition }} then {{ value }} end)
    end
{%- endmacro %}
