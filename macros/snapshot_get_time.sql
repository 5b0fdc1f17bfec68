{#- Snapshots close a vanished row at the moment of the newest extract, not at the wall clock, so
    that a rebuild from kept extracts gives the very same history. -#}
{% macro duckdb__snapshot_get_time() -%}
    (select max(scanned_at) from raw.scan_log)
{%- endmacro %}
