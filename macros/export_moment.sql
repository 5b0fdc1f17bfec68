{#- The moment of a full export (members, providers) that its path names: 2025-03-31, 2025_03_31,
    20250331, 2025-03 or year=2025/month=3/day=31, with a time such as T0830 or _083000 after the day.
    The last one in the path counts. Null where the path names no day. -#}
{% macro export_moment(path) -%}
    {{ try_to(
        export_part(path, 1) ~ " || '-' || lpad(" ~ export_part(path, 2) ~ ", 2, '0') || '-' || lpad(coalesce("
        ~ export_part(path, 3) ~ ", '01'), 2, '0') || ' ' || coalesce(" ~ export_part(path, 4)
        ~ ", '00') || ':' || coalesce(" ~ export_part(path, 5) ~ ", '00') || ':' || coalesce("
        ~ export_part(path, 6) ~ ", '00')", 'timestamp'
    ) }}
{%- endmacro %}

{% macro export_part(path, group) -%}
    {{ regex_extract(path, '^.*(?:^|[^0-9])' ~ export_pattern() ~ '(?:[^0-9].*)?$', group) }}
{%- endmacro %}

{#- The path without its moment, its suffix and its punctuation: files that differ only there are
    exports of one feed. -#}
{% macro export_feed(path) -%}
    {{ regex_replace(
        regex_replace(
            regex_replace(path, '^(.*(?:^|[^0-9]))' ~ export_pattern() ~ '([^0-9].*)?$', '\\1\\8'),
            '[.][A-Za-z.]+$', ''
        ),
        '[^A-Za-z0-9]+', ''
    ) }}
{%- endmacro %}

{% macro export_pattern() -%}
    (?:year=)?((?:19|20)[0-9]{2})(?:[-_/]?(?:month=)?)(1[0-2]|0?[1-9])(?:[-_/]?(?:day=)?(3[01]|[12][0-9]|0?[1-9])(?:[T_-]([01][0-9]|2[0-3]):?([0-5][0-9]):?([0-5][0-9])?)?)?
{%- endmacro %}
