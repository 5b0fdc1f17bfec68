{#- Casts that give null where the text does not fit. Trap: dbt.safe_cast raises on several engines. -#}
{% macro try_to(text, type) -%}
    {{ adapter.dispatch('try_to')(text, type) }}
{%- endmacro %}

{% macro default__try_to(text, type) -%}
    try_cast({{ text }} as {{ type }})
{%- endmacro %}

{#- By functions of macros/postgres_functions.sql. -#}
{% macro postgres__try_to(text, type) -%}
    {%- set text = 'cast(' ~ text ~ ' as text)' -%}
    {%- set whole = {
        'smallint': '-32768, 32767', 'integer': '-2147483648, 2147483647',
        'bigint': '-9223372036854775808, 9223372036854775807'
    } -%}
    {%- if type.startswith('decimal(') -%}
        cast(carehouse.to_numeric({{ text }}, {{ type[8:-1] }}) as {{ type }})
    {%- elif type in whole -%} cast(carehouse.to_whole({{ text }}, {{ whole[type] }}) as {{ type }})
    {%- elif type == 'date' -%} carehouse.to_date({{ text }})
    {%- elif type == 'time' -%} carehouse.to_time({{ text }})
    {%- elif type == 'timestamp' -%} carehouse.to_moment({{ text }}, false)
    {%- elif type == 'boolean' -%} carehouse.to_boolean({{ text }})
    {%- elif type == type_double() -%} carehouse.to_double({{ text }})
    {%- else -%} {{ exceptions.raise_compiler_error('try_to knows no type ' ~ type) }}
    {%- endif -%}
{%- endmacro %}

{#- Trap: Spark takes `2025-03` for a day, `12.7` for no integer, and `1d` for a number. -#}
{% macro spark__try_to(text, type) -%}
    {%- set kind = type | lower | trim -%}
    {%- if kind in ('integer', 'int', 'bigint', 'smallint') -%}
        try_cast(round(try_cast({{ text }} as decimal(38, 10))) as {{ kind }})
    {%- elif kind == 'date' -%}
        try_cast(regexp_replace(regexp_extract(
            cast({{ text }} as string), r'^\s*([0-9]{4,6}([-/ ])[0-9]{1,2}\2[0-9]{1,2})(?![0-9])', 1
        ), '[/ ]', '-') as date)
    {%- elif kind == 'timestamp' -%}
        try_cast(replace(regexp_extract(
            cast({{ text }} as string),
            r'^\s*([0-9]{4,6}[-/][0-9]{1,2}[-/][0-9]{1,2}(?:[T ][0-9]{1,2}:[0-9]{1,2}(?::[0-9]{1,2}(?:[.][0-9]+)?)?)?)(?: ?UTC|Z|[+-][0-9]{2}(?::?[0-9]{2})?)?\s*$', 1
        ), '/', '-') as timestamp_ntz)
    {%- elif kind == 'double' -%}
        case when lower({{ text }}) not rlike '[dfx]$' then try_cast({{ text }} as double) end
    {%- else -%}
        try_cast({{ text }} as {{ engine_type(type) }})
    {%- endif -%}
{%- endmacro %}
