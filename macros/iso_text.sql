{#- A moment as ISO 8601 text with the clinic's offset, from its local and its universal time:
    2025-09-05T10:00:00+02:00. -#}
{% macro iso_text(local, utc) -%}
    {{ return(adapter.dispatch('iso_text')(local, utc)) }}
{%- endmacro %}

{% macro default__iso_text(local, utc) -%}
    {%- set minutes = 'cast(round(' ~ seconds_between(utc, local) ~ ' / 60) as integer)' -%}
    strftime({{ local }}, '%Y-%m-%dT%H:%M:%S')
    || case when {{ minutes }} < 0 then '-' else '+' end
    || lpad(cast(abs({{ minutes }}) // 60 as varchar), 2, '0') || ':'
    || lpad(cast(abs({{ minutes }}) % 60 as varchar), 2, '0')
{%- endmacro %}

{% macro postgres__iso_text(local, utc) -%}
    {%- set minutes = 'cast(round(' ~ seconds_between(utc, local) ~ ' / 60) as integer)' -%}
    to_char({{ local }}, 'YYYY-MM-DD"T"HH24:MI:SS')
    || case when {{ minutes }} < 0 then '-' else '+' end
    || lpad(cast(abs({{ minutes }}) / 60 as text), 2, '0') || ':'
    || lpad(cast(mod(abs({{ minutes }}), 60) as text), 2, '0')
{%- endmacro %}

{% macro spark__iso_text(local, utc) -%}
    {%- set minutes = 'cast(round(' ~ seconds_between(utc, local) ~ ' / 60) as int)' -%}
    date_format({{ local }}, 'yyyy-MM-dd') || 'T' || date_format({{ local }}, 'HH:mm:ss')
    || case when {{ minutes }} < 0 then '-' else '+' end
    || lpad(cast(abs({{ minutes }}) div 60 as string), 2, '0') || ':'
    || lpad(cast(abs({{ minutes }}) % 60 as string), 2, '0')
{%- endmacro %}
