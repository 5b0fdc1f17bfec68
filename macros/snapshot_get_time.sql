{#- Snapshots close a vanished row at the moment of the newest extract, not at the wall clock, so
    that a rebuild from kept extracts gives the very same history. Trap: an engine without a macro
    of its own here takes its own clock, without a word. -#}
{% macro newest_extract_moment() -%}
    (select max(scanned_at) from raw.scan_log)
{%- endmacro %}

{% macro duckdb__snapshot_get_time() -%} {{ newest_extract_moment() }} {%- endmacro %}

{% macro postgres__snapshot_get_time() -%} {{ newest_extract_moment() }} {%- endmacro %}

{% macro spark__snapshot_get_time() -%} {{ newest_extract_moment() }} {%- endmacro %}
