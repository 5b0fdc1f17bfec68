{#- Seeds as Spark's own types. Trap: dbt-spark's macros turn an empty cell into the text `None`, break at
    an apostrophe, and round whole numbers beyond 2^53. -#}
{% macro spark__load_csv_rows(model, agate_table) %}
    {%- set types = model.config.get('column_types', {}) -%}
    {%- set lines = [] -%}
    {%- for row in agate_table.rows -%}
        {%- set cells = [] -%}
        {%- for name in agate_table.column_names -%}
            {%- set type = engine_type(types.get(name, adapter.convert_type(agate_table, loop.index0))) -%}
            {%- do cells.append(
                'cast(null as ' ~ type ~ ')' if row[loop.index0] is none
                else "cast('" ~ dbt.escape_single_quotes(row[loop.index0] | string) ~ "' as " ~ type ~ ')'
            ) -%}
        {%- endfor -%}
        {%- do lines.append('(' ~ cells | join(', ') ~ ')') -%}
    {%- endfor -%}
    {%- set sql = 'insert into ' ~ this.render() ~ ' values ' ~ lines | join(', ') -%}
    {%- if lines -%} {%- do adapter.add_query(sql, abridge_sql_log=True) -%} {%- endif -%}
    {{ return(sql if lines else '') }}
{% endmacro %}

{% macro spark__create_csv_table(model, agate_table) %}
    {%- set types = model.config.get('column_types', {}) -%}
    {%- set columns = [] -%}
    {%- for name in agate_table.column_names -%}
        {%- do columns.append(
            adapter.quote(name) ~ ' '
            ~ engine_type(types.get(name, adapter.convert_type(agate_table, loop.index0)))
        ) -%}
    {%- endfor -%}
    {%- set sql -%}
        create table {{ this.render() }} ({{ columns | join(', ') }}) {{ file_format_clause() }}
    {%- endset -%}
    {%- call statement('_') -%} {{ sql }} {%- endcall -%}
    {{ return(sql) }}
{% endmacro %}
