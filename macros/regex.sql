{#- Regular expressions, each engine its own way. Patterns are RE2 without look-around. Trap: they
    are written in SQL literals, so a single quote in a pattern stands there twice. -#}
{% macro regex_matches(text, pattern) -%}
    {{ adapter.dispatch('regex_matches')(text, pattern) }}
{%- endmacro %}

{% macro default__regex_matches(text, pattern) -%}
    regexp_matches({{ text }}, '{{ pattern }}')
{%- endmacro %}

{% macro regex_replace(text, pattern, replacement) -%}
    {{ adapter.dispatch('regex_replace')(text, pattern, replacement) }}
{%- endmacro %}

{% macro default__regex_replace(text, pattern, replacement) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '{{ replacement }}', 'g')
{%- endmacro %}

{% macro regex_extract(text, pattern, group=1) -%}
    {{ adapter.dispatch('regex_extract')(text, pattern, group) }}
{%- endmacro %}

{% macro default__regex_extract(text, pattern, group) -%}
    nullif(regexp_extract({{ text }}, '{{ pattern }}', {{ group }}), '')
{%- endmacro %}

{#- A column of patterns as regex_matches_column takes them. Postgres translates them, which takes longer
    than matching: group by the column, or it does so for each text. -#}
{% macro column_pattern(pattern_column) -%}
    {{ adapter.dispatch('column_pattern')(pattern_column) }}
{%- endmacro %}

{% macro default__column_pattern(pattern_column) -%}
    {{ pattern_column }}
{%- endmacro %}

{% macro regex_matches_column(text, pattern_column) -%}
    {{ adapter.dispatch('regex_matches_column')(text, pattern_column) }}
{%- endmacro %}

{% macro default__regex_matches_column(text, pattern_column) -%}
    regexp_matches({{ text }}, {{ pattern_column }})
{%- endmacro %}

{#- Postgres' own expressions; what both write alike goes as it is, the rest through the function
    that translates, once for each query. -#}
{% macro postgres__regex_matches(text, pattern) -%}
    ({{ text }} ~ {{ postgres_pattern(pattern) }})
{%- endmacro %}

{% macro postgres__regex_replace(text, pattern, replacement) -%}
    regexp_replace({{ text }}, {{ postgres_pattern(pattern) }}, '{{ replacement }}', 'g')
{%- endmacro %}

{% macro postgres__regex_extract(text, pattern, group) -%}
    {%- if group == 0 -%}
    nullif((regexp_match({{ text }}, carehouse.pattern('{{ pattern }}', true)))[1], '')
    {%- else -%}
    nullif((regexp_match({{ text }}, {{ postgres_pattern(pattern) }}))[{{ group }}], '')
    {%- endif -%}
{%- endmacro %}

{% macro postgres__column_pattern(pattern_column) -%}
    carehouse.pattern({{ pattern_column }})
{%- endmacro %}

{% macro postgres__regex_matches_column(text, pattern_column) -%}
    ({{ text }} ~ {{ pattern_column }})
{%- endmacro %}

{% macro postgres_pattern(pattern) -%}
    {%- set outside = modules.re.sub('\\[[^\\[\\]]*\\]', '', pattern) -%}
    {%- if '\\' in pattern or '.' in outside or '[' in outside or '(?i' in pattern or '(?s' in pattern -%}
    carehouse.pattern('{{ pattern }}')
    {%- else -%} '{{ pattern }}'
    {%- endif -%}
{%- endmacro %}

{#- Java's patterns where they differ from RE2's: `$` is also before a last line break there, `.` is
    not a carriage return, and letter case is ASCII's. A raw literal holds no single quote. -#}
{% macro java_regex(pattern) -%}
    {%- set java = modules.re.sub('(?<!\\\\)[$](?=$|[)|])', '\\\\z', pattern) -%}
    {{ return("r'(?du)" ~ java | replace('[:alpha:]', '\\p{Alpha}') | replace("''", '\\x27') ~ "'") }}
{%- endmacro %}

{% macro spark__regex_matches(text, pattern) -%}
    ({{ text }} rlike {{ java_regex(pattern) }})
{%- endmacro %}

{% macro spark__regex_replace(text, pattern, replacement) -%}
    {%- set java = modules.re.sub('\\\\([0-9])', '$\\1', replacement) -%}
    regexp_replace({{ text }}, {{ java_regex(pattern) }}, r'{{ java }}')
{%- endmacro %}

{% macro spark__regex_extract(text, pattern, group) -%}
    nullif(regexp_extract({{ text }}, {{ java_regex(pattern) }}, {{ group }}), '')
{%- endmacro %}

{% macro spark__column_pattern(pattern_column) -%}
    ('(?du)' || {{ pattern_column }})
{%- endmacro %}

{% macro spark__regex_matches_column(text, pattern_column) -%}
    ({{ text }} rlike {{ pattern_column }})
{%- endmacro %}
