{#- The clinic's wall clock (to_local) or the universal clock (to_utc) of an ISO 8601 text. A text
    without an offset is the clinic's wall clock. Null where it is none. Traps: count hours between
    universal times, since a local day may have 23 or 25; a local time in autumn may come twice. -#}
{% macro to_local(text) -%} {{ return(adapter.dispatch('to_local')(text)) }} {%- endmacro %}

{% macro default__to_local(text) -%}
    case
        when {{ has_offset(text) }}
            then timezone('{{ clinic_zone() }}', try_cast({{ full_time(text) }} as timestamptz))
        when {{ is_iso_date(text) }} then {{ try_to(full_time(text), 'timestamp') }}
    end
{%- endmacro %}

{% macro to_utc(text) -%} {{ return(adapter.dispatch('to_utc')(text)) }} {%- endmacro %}

{% macro default__to_utc(text) -%}
    case
        when {{ has_offset(text) }}
            then timezone('UTC', try_cast({{ full_time(text) }} as timestamptz))
        when {{ is_iso_date(text) }}
            then {{ local_to_utc(try_to(full_time(text), 'timestamp')) }}
    end
{%- endmacro %}

{% macro local_to_utc(moment) -%} {{ return(adapter.dispatch('local_to_utc')(moment)) }} {%- endmacro %}

{% macro default__local_to_utc(moment) -%}
    timezone('UTC', timezone('{{ clinic_zone() }}', {{ moment }}))
{%- endmacro %}

{% macro has_offset(text) -%}
    {{ regex_matches(text, '^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}[T ].*:.*([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)$') }}
{%- endmacro %}

{% macro is_iso_date(text) -%}
    {{ regex_matches(text, '^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}([T ]|$)') }}
{%- endmacro %}

{% macro is_day_only(text) -%}
    {{ regex_matches(text, '^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}([T ]00:00(:00([.]0+)?)?)?$') }}
{%- endmacro %}

{% macro full_time(text) -%}
    {{ regex_replace(text, '^(.{10}[T ][0-9]{2}:[0-9]{2})([Zz+-].*)?$', '\\1:00\\2') }}
{%- endmacro %}

{% macro postgres__to_local(text) -%}
    carehouse.moment_in({{ text }}, '{{ clinic_zone() }}', false)
{%- endmacro %}

{% macro postgres__to_utc(text) -%}
    carehouse.moment_in({{ text }}, '{{ clinic_zone() }}', true)
{%- endmacro %}

{% macro spark__to_local(text) -%}
    case
        when {{ has_offset(text) }}
            then {{ spark_zoned(text, clinic_zone()) }}
        when {{ is_iso_date(text) }} then {{ try_to(full_time(text), 'timestamp') }}
    end
{%- endmacro %}

{% macro spark__to_utc(text) -%}
    case
        when {{ has_offset(text) }} then {{ spark_zoned(text, 'UTC') }}
        when {{ is_iso_date(text) }}
            then {{ local_to_utc(try_to(full_time(text), 'timestamp')) }}
    end
{%- endmacro %}

{#- The wall clock of a zone at a moment with an offset. -#}
{% macro spark_zoned(text, zone) -%}
    convert_timezone(
        current_timezone(), '{{ zone }}',
        cast(try_cast(regexp_replace(regexp_replace(
            {{ full_time(text) }}, r'([+-][0-9]{2})([0-9]{2})$', '$1:$2'
        ), r'([+-][0-9]{2})$', '$1:00') as timestamp_ltz) as timestamp_ntz)
    )
{%- endmacro %}

{#- An hour that comes twice in autumn is the second one, as with DuckDB. -#}
{% macro spark__local_to_utc(moment) -%}
    {%- set first = "convert_timezone('" ~ clinic_zone() ~ "', 'UTC', " ~ moment ~ ")" -%}
    case
        when convert_timezone('UTC', '{{ clinic_zone() }}', {{ first }} + interval '1 hour')
            = {{ moment }} then {{ first }} + interval '1 hour'
        else {{ first }}
    end
{%- endmacro %}
