{#- The share of a drop's rows that may be rejected before publication stops: var, else setting. -#}
{% macro clinic_rejected_share_limit() -%}
    {{ var('clinic_rejected_share_limit', none)
        or env_var('CAREHOUSE_CLINIC_REJECTED_SHARE_LIMIT', '0.02') }}
{%- endmacro %}
