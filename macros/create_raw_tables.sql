{#- Create every raw table of the sources yml that is not there yet, empty and typed, so that a
    build works before anything has landed. Trap: it never alters a table; the loaders do. -#}
{% macro create_raw_tables() %}
    {%- if execute and flags.WHICH in ('build', 'run', 'test', 'seed', 'snapshot', 'generate') -%}
        {%- set there = run_query(
            "select table_schema || '.' || table_name from information_schema.tables "
            "where table_schema like 'raw%'"
        ).columns[0].values() -%}
        {%- for source in graph.sources.values()
            if (source.schema ~ '.' ~ source.identifier) not in there -%}
            {%- set columns = [] -%}
            {%- for column in source.columns.values() -%}
                {%- do columns.append(raw_column(column.name) ~ ' ' ~ engine_type(column.data_type)) -%}
            {%- endfor -%}
            {%- do run_query('create schema if not exists ' ~ source.schema) -%}
            {%- do run_query(
                'create table if not exists ' ~ source.schema ~ '.' ~ adapter.quote(source.identifier)
                ~ ' (' ~ columns | join(', ') ~ ')'
            ) -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}
