{#- A number of seed reporting_rules, as a scalar subquery. -#}
{% macro reporting_rule(rule) -%}
    (select value from {{ ref('reporting_rules') }} where rule = '{{ rule }}')
{%- endmacro %}
