{#- Create every raw table of the sources yml that is not there yet, empty and typed, so that a
    build works before anything has landed. Trap: it never alters a table; the loaders do. -#}
{% macro create_raw_tables() %}
    {%- if execute and flags.WHICH in ('build', 'run', 'test', 'seed', 'snapshot', 'generate') -%}
        {%- set there = raw_tables_there() -%}
        {%- for source in graph.sources.values()
            if (source.schema ~ '.' ~ source.identifier) not in there -%}
            {%- set columns = [] -%}
            {%- for column in source.columns.values() -%}
                {%- do columns.append(raw_column(column.name) ~ ' ' ~ engine_type(column.data_type)) -%}
            {%- endfor -%}
            {%- do run_query('create schema if not exists ' ~ source.schema) -%}
            {%- do run_query(
                'create table if not exists ' ~ source.schema ~ '.' ~ adapter.quote(source.identifier)
                ~ ' (' ~ columns | join(', ') ~ ')' ~ raw_table_format()
            ) -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}

{#- Schema and name of the raw tables that the engine has, with a dot between. -#}
{% macro raw_tables_there() -%}
    {{ return(adapter.dispatch('raw_tables_there')()) }}
{%- endmacro %}

{% macro default__raw_tables_there() -%}
    {{ return(run_query(
        "select table_schema || '.' || table_name from information_schema.tables "
        "where table_schema like 'raw%'"
    ).columns[0].values()) }}
{%- endmacro %}

{#- Spark's own catalog has no information_schema. -#}
{% macro spark__raw_tables_there() -%}
    {%- set there = [] -%}
    {%- for schema in run_query("show schemas like 'raw*'").columns[0].values() -%}
        {%- for name in run_query('show tables in ' ~ schema).columns[1].values() -%}
            {%- do there.append(schema ~ '.' ~ name) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(there) }}
{%- endmacro %}

{% macro raw_table_format() -%} {{ return(adapter.dispatch('raw_table_format')()) }} {%- endmacro %}

{% macro default__raw_table_format() -%} {{ return('') }} {%- endmacro %}

{% macro spark__raw_table_format() -%} {{ return(' using parquet') }} {%- endmacro %}
