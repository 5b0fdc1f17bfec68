{#- A day of coverage in any form that moment_text knows: what lies before 1900 is 1900-01-01, what
    lies after 2099 is 9999-12-31, for exporters write such days for always. Null where it is none. -#}
{% macro claims_day(text) -%}
    {%- set day = claims_plain_day(text) -%}
    case
        when {{ day }} < cast('1900-01-01' as date) then cast('1900-01-01' as date)
        when {{ day }} >= cast('2100-01-01' as date) then cast('9999-12-31' as date)
        else {{ day }}
    end
{%- endmacro %}

{% macro claims_plain_day(text) -%}
    {{ try_to(
        'left(' ~ moment_text(trimmed(text), known_order('date_order')) ~ ', 10)', 'date'
    ) }}
{%- endmacro %}

{#- Whether a text is a day that stands for none: 1900-01-01 or a day of the year 9999. -#}
{% macro claims_is_no_day(text) -%}
    {%- set told = moment_text(trimmed(text), known_order('date_order')) -%}
    case
        when {{ text }} like '____-__-__%'
            then {{ text }} like '1900-01-01%' or {{ text }} like '9999-%'
        when {{ text }} like '%1900%' or {{ text }} like '%9999%'
            then coalesce({{ told }} like '1900-01-01%' or {{ told }} like '9999-%', false)
        else false
    end
{%- endmacro %}
