{#- A mart's file care__dim_participants is the table care.dim_participants. Trap: dbt's ref() still
    takes the file's name. -#}
{% macro generate_alias_name(custom_alias_name=none, node=none) -%}
    {%- if custom_alias_name -%} {{ custom_alias_name | trim }}
    {%- elif node.resource_type == 'model' and 'marts' in node.fqn -%} {{ node.name.split('__')[1] }}
    {%- else -%} {{ node.name }}
    {%- endif -%}
{%- endmacro %}
