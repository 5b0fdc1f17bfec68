{#- On Postgres a table is looked over as soon as it is filled. Trap: the server does so by itself a minute
    later, and until then plans as if a CTE gave one row: a model of free text took ten minutes. -#}
{% macro postgres__create_indexes(relation) -%}
    {%- do default__create_indexes(relation) -%}
    {%- do run_query('analyze ' ~ relation) -%}
{%- endmacro %}
