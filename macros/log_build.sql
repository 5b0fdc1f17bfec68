{#- Keep the newest result of every dbt node in raw.build_log, so that publishing can leave out what
    failed, was skipped or interrupted, also in a build started with plain dbt: each node that is
    selected is `started` until its result is known. Trap: no message is kept, since an engine's
    message may quote a cell. -#}
{% macro log_build_start() %}
    {%- if execute and flags.WHICH in ('build', 'run', 'test', 'seed', 'snapshot') -%}
        {%- set rows = [('invocation', 'started', 0)] -%}
        {%- for unique_id in selected_resources
            if unique_id.split('.')[0] in ('model', 'test', 'seed', 'snapshot') -%}
            {%- do rows.append((unique_id, 'started', 0)) -%}
        {%- endfor -%}
        {%- set names = rows | map(attribute=0) | join("', '") -%}
        {%- do build_log_delete("unique_id in ('" ~ names ~ "')") -%}
        {{ build_log_insert(rows) }}
    {%- endif -%}
{% endmacro %}

{% macro log_build_end(results) %}
    {%- if execute and flags.WHICH in ('build', 'run', 'test', 'seed', 'snapshot') -%}
        {%- set rows = [('invocation', 'finished', 0)] -%}
        {%- for result in results -%}
            {%- do rows.append((result.node.unique_id, result.status, result.failures or 0)) -%}
        {%- endfor -%}
        {%- set names = rows | map(attribute=0) | join("', '") -%}
        {%- do build_log_delete("unique_id in ('" ~ names ~ "')") -%}
        {%- do build_log_forget() -%}
        {{ build_log_insert(rows) }}
    {%- endif -%}
{% endmacro %}

{% macro build_log_forget() %}
    {#- What was renamed or removed since cannot be built well again, and would hold back
        publishing for good. Unit tests are not in the graph that macros see. -#}
    {%- do build_log_delete(
        "split_part(unique_id, '.', 1) in ('model', 'test', 'seed', 'snapshot') "
        ~ "and unique_id not in ('" ~ graph.nodes.keys() | join("', '") ~ "')"
    ) -%}
{% endmacro %}

{% macro build_log_delete(condition) %}
    {{ adapter.dispatch('build_log_delete')(condition) }}
{% endmacro %}

{% macro default__build_log_delete(condition) %}
    {%- do run_query('delete from raw.build_log where ' ~ condition) -%}
{% endmacro %}

{#- Plain Parquet knows no delete: the log only grows, and the newest row of each node counts. -#}
{% macro spark__build_log_delete(condition) %}{% endmacro %}

{% macro build_log_insert(rows) %}
    insert into raw.build_log (unique_id, status, failures, invocation_id, finished_at) values
    {% for unique_id, status, failures in rows -%}
    ('{{ unique_id }}', '{{ status }}', {{ failures }}, '{{ invocation_id }}',
        {{ clock_time() }}){{ ',' if not loop.last }}
    {% endfor %}
{% endmacro %}

{% macro clock_time() -%}
    {%- set zone = modules.pytz.timezone(env_var('CAREHOUSE_TIMEZONE', 'Europe/Berlin')) -%}
    cast('{{ run_started_at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") }}' as timestamp)
{%- endmacro %}
