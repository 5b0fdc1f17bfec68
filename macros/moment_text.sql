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
        when {{ order }} = 'mdy'
            then coalesce({{ written_moment(spaced, ['%m/%d/%Y', '%m-%d-%Y', '%m.%d.%Y']) }}, {{ text }})
        else coalesce({{ written_moment(spaced, ['%d/%m/%Y', '%d-%m-%Y', '%d.%m.%Y']) }}, {{ text }})
    end
{%- endmacro %}

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

{#- The formats of written_moment stand in the function of the same name. -#}
{% macro postgres__moment_text(text, order) -%}
    {%- set spaced = regex_replace(
        regex_replace(trimmed(text), '[ ,T]+', ' '), '([.][0-9]{6})[0-9]+$', '\\1'
    ) -%}
    case
        when {{ text }} like '____-__-__%' and {{ text }} not like '%m' and {{ text }} not like '%M'
            then {{ text }}
        when lower({{ trimmed(text) }}) in ('infinity', '-infinity', 'epoch') then {{ text }}
        else coalesce(carehouse.written_moment({{ spaced }}, {{ order }}), {{ text }})
    end
{%- endmacro %}
