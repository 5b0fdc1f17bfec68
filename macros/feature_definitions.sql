{#- The columns of a feature mart that have a part in its model, as its yml states them (config.meta:
    feature number or category, or a role). Trap: empty while dbt parses; the graph is there when it
    runs. -#}
{% macro model_columns(mart) -%}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- set node = graph.nodes['model.' ~ project_name ~ '.' ~ mart] -%}
        {%- for column in node.columns.values() -%}
            {%- set meta = column.config.meta or column.meta -%}
            {%- if meta.feature or meta.role -%}
                {%- do found.append({
                    'name': column.name, 'kind': meta.feature or meta.role, 'words': meta.words,
                    'words_zero': meta.words_zero, 'words_missing': meta.words_missing,
                    'known': meta.known, 'is_feature': meta.feature is not none and meta.feature is defined,
                    'is_protected': meta.protected or false, 'description': column.description,
                    'data_type': column.data_type | replace(' ', ''),
                    'is_pseudonym': meta.phi != 'none'
                }) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found) }}
{%- endmacro %}

{#- The model that a feature mart's yml names. -#}
{% macro model_of(mart) -%}
    {{ return(graph.nodes['model.' ~ project_name ~ '.' ~ mart].config.meta.model_name if execute else '') }}
{%- endmacro %}

{#- Each feature mart of the project that names a model. -#}
{% macro feature_marts() -%}
    {{ return([
        'ml__appointment_risk_features', 'ml__appointment_booking_features',
        'ml__attendance_features', 'ml__procedure_acceptance_features',
        'ml__payment_compliance_features', 'ml__future_need_features'
    ]) }}
{%- endmacro %}

{#- A query of every column that has a part in a model, so that training and readers see the same. -#}
{% macro feature_definitions() -%}
    {%- set rows = [] -%}
    {%- for mart in feature_marts() -%}
        {%- for column in model_columns(mart) -%}
            {%- do rows.append([
                model_of(mart), mart.split('__')[1], column.name, column.kind,
                column.words or '', column.words_zero or column.words or '',
                column.words_missing or column.name.replace('_', ' ') ~ ' not known',
                column.known or '', column.description, column.is_feature, column.is_protected,
                column.data_type == 'bigint', column.is_pseudonym
            ]) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for row in rows or [['', '', '', '', '', '', '', '', '', false, false, false, false]] %}
    {{ 'union all ' if not loop.first }}select
        {%- for name in ['model_name', 'mart_name', 'feature', 'kind', 'words', 'words_zero', 'words_missing', 'known', 'description'] %}
        cast('{{ dbt.escape_single_quotes(row[loop.index0]) }}' as {{ dbt.type_string() }}) as {{ name }},
        {%- endfor %}
        {{ row[9] | string | lower }} as is_feature,
        {{ row[10] | string | lower }} as is_protected,
        {{ row[11] | string | lower }} as is_whole,
        {{ row[12] | string | lower }} as is_pseudonym,
        {{ loop.index }} as column_order
    {%- endfor %}
{%- endmacro %}
