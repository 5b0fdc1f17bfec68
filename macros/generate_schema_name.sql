{#- The folder's schema, verbatim: analysts see care.x, not main_care.x. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
