{#- A day of coverage from ISO text, with or without a time: what lies before 1900 is 1900-01-01, what
    lies after 2099 is 9999-12-31, for exporters write such days for always. Null where it is none. -#}
{% macro claims_day(text) -%}
    case
        when trim({{ text }}) like '____-__-__%' then
            case
                when {{ claims_plain_day(text) }} < cast('1900-01-01' as date)
                    then cast('1900-01-01' as date)
                when {{ claims_plain_day(text) }} >= cast('2100-01-01' as date)
                    then cast('9999-12-31' as date)
                else {{ claims_plain_day(text) }}
            end
    end
{%- endmacro %}

{% macro claims_plain_day(text) -%}
    {{ try_to('left(trim(' ~ text ~ '), 10)', 'date') }}
{%- endmacro %}

{#- Whether a text is a day that stands for none: 1900-01-01 or a day of the year 9999. -#}
{% macro claims_is_no_day(text) -%}
    (trim({{ text }}) like '1900-01-01%' or trim({{ text }}) like '9999-%')
{%- endmacro %}
