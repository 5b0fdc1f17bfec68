{#- A query of every mart column whose yml states a formula (config.meta: formula, or numerator and
    denominator; filter; grain, else the one of the mart's description), so that a program can show it
    beside the number. Trap: the yml is the one place to change it; the test rates_hold computes each
    rate anew from what is said there. -#}
{% macro kpi_definitions() -%}
    {%- set rows = [] -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() | sort(attribute='name')
            if node.resource_type == 'model' and 'marts' in node.fqn -%}
            {%- set stated = modules.re.search('[*][*]Grain[*][*]: ([^.]*)', node.description) -%}
            {%- set grain = modules.re.sub('\\s+', ' ', stated.group(1)) if stated else node.name -%}
            {%- for column in node.columns.values() -%}
                {%- set meta = column.config.meta or column.meta -%}
                {%- if meta.formula or meta.numerator -%}
                    {%- do rows.append([
                        node.name.split('__')[0], node.name.split('__')[1], column.name,
                        meta.formula or rate_formula(meta), meta.filter or meta.known_when or 'none',
                        meta.grain or grain
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

{% macro rate_formula(meta) -%}
    {%- set parts = [] -%}
    {%- for part in [meta.numerator, meta.denominator] -%}
        {%- do parts.append('(' ~ part ~ ')' if ' ' in part else part) -%}
    {%- endfor -%}
    {{ return(parts | join(' / ')) }}
{%- endmacro %}
