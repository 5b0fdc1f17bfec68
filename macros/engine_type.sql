{#- A column type of the yml, which is DuckDB's, as the engine calls it; contracts are written once. -#}
{% macro engine_type(type) -%}
    {{ return(adapter.dispatch('engine_type')(type)) }}
{%- endmacro %}

{% macro default__engine_type(type) -%} {{ return(type) }} {%- endmacro %}

{% macro postgres__engine_type(type) -%}
    {{ return({
        'varchar': 'text', 'double': 'double precision', 'tinyint': 'smallint', 'blob': 'bytea',
        'hugeint': 'numeric(38, 0)', 'float': 'real'
    }.get(type | lower, type)) }}
{%- endmacro %}

{#- A raw column as SQL names it without quotes: Postgres keeps such names in small letters, and some
    sources write PatNum. -#}
{% macro raw_column(name) -%}
    {{ return(adapter.dispatch('raw_column')(name)) }}
{%- endmacro %}

{% macro default__raw_column(name) -%} {{ return(adapter.quote(name)) }} {%- endmacro %}

{% macro postgres__raw_column(name) -%} {{ return(adapter.quote(name | lower)) }} {%- endmacro %}

{#- dbt's own comparison of a model with its contract, in the engine's types. Trap: the columns of
    `model` are changed in place, since dbt reads their types again to create the table. -#}
{% macro get_assert_columns_equivalent(sql) -%}
    {%- for column in model['columns'].values() -%}
        {%- do column.update({'data_type': engine_type(column['data_type'])}) -%}
    {%- endfor -%}
    {{ return(adapter.dispatch('get_assert_columns_equivalent', 'dbt')(sql)) }}
{%- endmacro %}

{% macro spark__engine_type(type) -%}
    {{ return({'varchar': 'string', 'timestamp': 'timestamp_ntz', 'integer': 'int'}.get(type | lower, type)) }}
{%- endmacro %}
