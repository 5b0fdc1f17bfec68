{#- A moment as ISO 8601 text from any way that exports write one: ISO, 20250131, 2025/01/31,
    31/01/2025 or 01/31/2025 by `order` (an expression that gives dmy or mdy), 01-JAN-2025,
    Jan 31, 2025, each with a time or without, 15:05 or 3:05 PM. Any other text stays as it is. Trap:
    two-digit years are left alone, since they do not tell the century. -#}
{% macro moment_text(text, order) -%} {{ return(adapter.dispatch('moment_text')(text, order)) }} {%- endmacro %}

{% macro default__moment_text(text, order) -%}
    {#- parts of a second beyond six: a format for nine knows no day after 2262, such as 31.12.9999 -#}
    {%- set spaced = regex_replace(
        regex_replace(trimmed(text), '[ ,T]+', ' '), '([.][0-9]{6})[0-9]+$', '\\1'
    ) -%}
    case
        when {{ text }} like '____-__-__%' and {{ text }} not like '%m' and {{ text }} not like '%M'
            then {{ text }}
        when lower({{ trimmed(text) }}) in ('infinity', '-infinity', 'epoch') then {{ text }}
        else coalesce({{ moment_written_in(spaced, order) }}, {{ text }})
    end
{%- endmacro %}

{#- A text that is no ISO moment as one, by the order of day and month. -#}
{% macro moment_written_in(text, order) -%}
    {{ return(adapter.dispatch('moment_written_in')(text, order)) }}
{%- endmacro %}

{% macro default__moment_written_in(text, order) -%}
    case
        when {{ order }} = 'mdy' then {{ written_moment(text, ['%m/%d/%Y', '%m-%d-%Y', '%m.%d.%Y']) }}
        else {{ written_moment(text, ['%d/%m/%Y', '%d-%m-%Y', '%d.%m.%Y']) }}
    end
{%- endmacro %}

{#- The formats of written_moment stand in the function of the same name. -#}
{% macro postgres__moment_written_in(text, order) -%} carehouse.written_moment({{ text }}, {{ order }}) {%- endmacro %}

{% macro written_moment(text, numeric) -%}
    {%- set formats = ['%Y%m%d%H%M%S', '%Y%m%d%H%M'] -%}
    {%- for day in numeric + [
        '%Y%m%d', '%d-%b-%Y', '%Y/%m/%d', '%Y-%m-%d', '%Y.%m.%d', '%d%b%Y', '%d %b %Y', '%d. %b %Y', '%d-%B-%Y',
        '%d %B %Y', '%d. %B %Y', '%b %d %Y', '%B %d %Y', '%b. %d %Y', '%a %b %d %Y', '%a %d %b %Y',
        '%A %B %d %Y', '%A %d %B %Y',
    ] -%}
        {%- for time in ['', ' %H:%M:%S', ' %H:%M', ' %I:%M:%S %p', ' %I:%M %p', ' %I:%M%p', ' %H:%M:%S.%f', ':%H:%M:%S'] -%}
            {%- do formats.append(day ~ time) -%}
        {%- endfor -%}
    {%- endfor -%}
    strftime(try_strptime({{ text }}, ['{{ formats | join("', '") }}']), '%Y-%m-%d %H:%M:%S')
{%- endmacro %}

{#- Trap: what is written with AM or PM goes first, for a pattern that has matched is not left again. -#}
{% macro spark__moment_text(text, order) -%}
    {%- set spaced -%}
        regexp_replace(regexp_replace(regexp_replace(
            trim(told), '[ ,T]+', ' '), r'([0-9]:[0-9]{2}:[0-9]{2})[.][0-9]{1,9}$', '$1'
        ), r'(?i)^(mon|tue|wed|thu|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday) (?=[a-z]|[0-9]+ [a-z])', '')
    {%- endset -%}
    element_at(transform(array({{ text }}), told -> case
        when told like '____-__-__%' and told not like '%m' and told not like '%M' then told
        when lower(trim(told)) in ('infinity', '-infinity', 'epoch') then told
        when {{ order }} = 'mdy'
            then coalesce({{ spark_written_moment(spaced, ['M/d/y', 'M-d-y', 'M.d.y']) }}, told)
        else coalesce({{ spark_written_moment(spaced, ['d/M/y', 'd-M-y', 'd.M.y']) }}, told)
    end), 1)
{%- endmacro %}

{% macro spark_written_moment(text, numeric) -%}
    {%- set moments = [] -%}
    {%- for day in ['yyyyMMddHHmmss', 'yyyyMMddHHmm'] -%}
        {%- do moments.append("try_to_timestamp(spaced, '" ~ day ~ "')") -%}
    {%- endfor -%}
    {%- for day in numeric + [
        'yyyyMMdd', 'd-MMM-y', 'y/M/d', 'y-M-d', 'y.M.d', 'dMMMy', 'd MMM y', 'd. MMM y', 'd-MMMM-y',
        'd MMMM y', 'd. MMMM y', 'MMM d y', 'MMMM d y', 'MMM. d y',
    ] -%}
        {%- do moments.append(
            "try_to_timestamp(spaced, '" ~ day ~ "[ h:m:s a][ h:m a][ h:ma][ H:m:s][ H:m][:H:m:s]')"
        ) -%}
    {%- endfor -%}
    element_at(transform(
        array({{ text }}), spaced -> date_format(coalesce(
            {{ moments | join(',\n            ') }}
        ), 'yyyy-MM-dd HH:mm:ss')
    ), 1)
{%- endmacro %}
