{#- Whether a rate rests on fewer cases than seed reporting_rules asks for. -#}
{% macro is_small_sample(whole) -%}
    coalesce({{ whole }}, 0) < {{ reporting_rule('small_sample_below') }}
{%- endmacro %}
