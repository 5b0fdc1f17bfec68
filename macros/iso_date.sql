{#- The date of a real date cell, landed as ISO text; null where the text is anything else. -#}
{% macro iso_date(text) -%}
    case
        when {{ regex_matches(text, '^[0-9]{4}-[0-9]{2}-[0-9]{2}(T.*)?$') }}
            then {{ try_to('left(' ~ text ~ ', 10)', 'date') }}
    end
{%- endmacro %}
