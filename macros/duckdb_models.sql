{#- A table or a view takes the place of the old one in one transaction, which DuckDB can. dbt's own way
    (build beside, rename twice, drop) asks four statements more of each model. A kind that changes is
    dropped first. -#}
{% materialization table, adapter='duckdb' %}
    {%- set target_relation = dropped_unless('table') -%}
    {{ run_hooks(pre_hooks) }}
    {%- call statement('main') -%}
        {{ config.get('sql_header', '') }}
        {%- if config.get('contract').enforced %}
            {{ get_assert_columns_equivalent(sql) }}
            create or replace table {{ target_relation }} {{ get_table_columns_and_constraints() }};
            insert into {{ target_relation }} {{ get_column_names() }} ({{ get_select_subquery(sql) }});
        {%- else %}
            create or replace table {{ target_relation }} as ({{ sql }});
        {%- endif %}
    {%- endcall -%}
    {%- do persist_docs(target_relation, model) -%}
    {{ run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{% materialization view, adapter='duckdb' %}
    {%- set target_relation = dropped_unless('view') -%}
    {{ run_hooks(pre_hooks) }}
    {%- call statement('main') -%}
        {{ config.get('sql_header', '') }}
        {%- if config.get('contract').enforced %}
            {{ get_assert_columns_equivalent(sql) }}
        {%- endif %}
        create or replace view {{ target_relation }} as ({{ sql }});
    {%- endcall -%}
    {%- do persist_docs(target_relation, model) -%}
    {{ run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{#- This model's relation of a kind, `table` or `view`; what stood there of another kind is dropped. -#}
{% macro dropped_unless(kind) %}
    {%- set standing = load_cached_relation(this) -%}
    {%- if standing and standing.type != kind -%}
        {%- do adapter.drop_relation(standing) -%}
    {%- endif -%}
    {{ return(this.incorporate(type=kind)) }}
{% endmacro %}


{#- The descriptions as one statement. The columns need no asking for: a contract says that they are there. -#}
{% macro duckdb__persist_docs(relation, model, for_relation, for_columns) %}
    {%- set comments -%}
        {%- if for_relation and config.persist_relation_docs() and model.description %}
            {{ alter_relation_comment(relation, model.description) }}
        {%- endif %}
        {%- if for_columns and config.persist_column_docs() %}
            {%- for column in model.columns.values() %}
                comment on column {{ relation }}.{{ adapter.quote(column.name) }} is {{ duckdb_escape_comment(column.description) }};
            {%- endfor %}
        {%- endif %}
    {%- endset -%}
    {%- if comments.strip() -%}
        {%- do run_query(comments) -%}
    {%- endif -%}
{% endmacro %}
