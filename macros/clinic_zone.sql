{#- The clinic's time zone, by its IANA name. -#}
{% macro clinic_zone() -%}
    {{ env_var('CAREHOUSE_TIMEZONE', 'Europe/Berlin') }}
{%- endmacro %}
