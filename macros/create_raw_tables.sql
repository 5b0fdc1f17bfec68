{#- Create every raw table of the sources yml that is not there yet, empty and typed, so that a
    build works before anything has landed. Trap: it never alters a table; the loaders do. -#}
{% macro create_raw_tables() %}
    {%- if execute and flags.WHICH in ('build', 'run', 'test', 'seed', 'snapshot', 'generate') -%}
        {%- for source in graph.sources.values() -%}
            {%- set columns = [] -%}
            {%- for column in source.columns.values() -%}
                {%- do columns.append(adapter.quote(column.name) ~ ' ' ~ column.data_type) -%}
            {%- endfor -%}
            {%- do run_query('create schema if not exists ' ~ source.schema) -%}
            {%- do run_query(
                'create table if not exists ' ~ source.schema ~ '.' ~ adapter.quote(source.identifier)
                ~ ' (' ~ columns | join(', ') ~ ')'
            ) -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}
