{#- The folder's schema, verbatim: analysts see care.x, not main_care.x. On a server that people query
    while dbt builds, marts are built in build_care, and care is swapped in when it is good. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- set schema = (custom_schema_name or target.schema) | trim -%}
    {%- if node.resource_type == 'model' and 'marts' in node.fqn -%} {{ mart_schema(schema) }}
    {%- else -%} {{ schema }}
    {%- endif -%}
{%- endmacro %}

{% macro mart_schema(domain) -%} {{ return(adapter.dispatch('mart_schema')(domain)) }} {%- endmacro %}

{% macro default__mart_schema(domain) -%} {{ return(domain) }} {%- endmacro %}

{% macro postgres__mart_schema(domain) -%} {{ return('build_' ~ domain) }} {%- endmacro %}
