{#- Snapshots on plain Parquet, which knows neither merge nor update: the new history is written beside
    the old one and then takes its place, by dbt's own statement of what changed. Where the tables are
    Delta or Iceberg the same macro holds, at the cost of one more write. -#}
{% materialization snapshot, adapter='spark' %}
    {%- set columns = config.get('snapshot_table_column_names') or get_snapshot_table_column_names() -%}
    {%- set there, target_relation = get_or_create_relation(
        database=none, schema=model.schema, identifier=model.alias, type='table'
    ) -%}
    {%- set strategy = strategy_dispatch(config.get('strategy'))(
        model, 'snapshotted_data', 'source_data', model.config, there
    ) -%}
    {{ run_hooks(pre_hooks) }}
    {%- if not adapter.check_schema_exists(model.database, model.schema) -%}
        {%- do create_schema(target_relation) -%}
    {%- endif -%}
    {%- if not there -%}
        {%- call statement('main') -%}
            {{ create_table_as(False, target_relation, build_snapshot_table(strategy, model.compiled_code)) }}
        {%- endcall -%}
    {%- else -%}
        {%- set beside = target_relation.incorporate(
            path={'identifier': target_relation.identifier ~ '__next'}, type='table'
        ) -%}
        {%- do adapter.drop_relation(beside) -%}
        {%- call statement('beside') -%}
            {{ create_table_as(False, beside, spark_next_history(strategy, target_relation, columns)) }}
        {%- endcall -%}
        {%- call statement('main') -%}
            insert overwrite {{ target_relation }} select * from {{ beside }}
        {%- endcall -%}
        {%- do adapter.drop_relation(beside) -%}
    {%- endif -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{#- Every version: those of before, with an end where dbt says so, and the new ones. -#}
{% macro spark_next_history(strategy, target_relation, columns) -%}
    {%- set names = adapter.get_columns_in_relation(target_relation) | map(attribute='name') | list -%}
    {%- set open_end = config.get('dbt_valid_to_current') or 'null' -%}
    with changes as (
        {{ snapshot_staging_table(strategy, model.compiled_code, target_relation) }}
    )

    select
        {% for name in names -%}
        {%- if name == columns.dbt_valid_to -%}
        coalesce(changes.{{ name }}, versions.{{ name }}) as {{ name }}
        {%- else -%}
        versions.{{ name }}
        {%- endif -%}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ target_relation }} as versions
    left join changes
        on
            versions.{{ columns.dbt_scd_id }} = changes.{{ columns.dbt_scd_id }}
            and changes.dbt_change_type in ('update', 'delete')
            and coalesce(versions.{{ columns.dbt_valid_to }}, {{ open_end }}) = {{ open_end }}
    union all
    select {{ names | join(', ') }}
    from changes
    where dbt_change_type = 'insert'
{%- endmacro %}
