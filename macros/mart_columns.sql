{#- The columns of a relation's yml, for tests that are written in the columns' meta. Empty while dbt only
    parses, so a test that uses it must name what it refers to once more. -#}
{% macro mart_columns(relation) -%}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values()
            if node.resource_type == 'model'
            and node.alias == relation.identifier and node.schema == relation.schema -%}
            {%- do found.extend(node.columns.values()) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found) }}
{%- endmacro %}
