{#- A query of every mart column whose yml states a formula (config.meta: formula, filter, grain), so
    that a program can show it beside the number. Trap: the yml is the one place to change it. -#}
{% macro kpi_definitions() -%}
    {%- set rows = [] -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() | sort(attribute='name')
            if node.resource_type == 'model' and 'marts' in node.fqn -%}
            {%- for column in node.columns.values() -%}
                {%- set meta = column.config.meta or column.meta -%}
                {%- if meta.formula -%}
                    {%- do rows.append([
                        node.name.split('__')[0], node.name.split('__')[1], column.name,
                        meta.formula, meta.filter or 'none', meta.grain or node.name
                    ]) -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {%- for row in rows or [['', '', '', '', '', '']] %}
    {{ 'union all ' if not loop.first }}select
        {%- for name in ['domain', 'mart_name', 'kpi_name', 'formula', 'filter_text', 'grain_text'] %}
        cast('{{ dbt.escape_single_quotes(row[loop.index0]) }}' as {{ dbt.type_string() }}) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    {%- endfor %}
{%- endmacro %}
