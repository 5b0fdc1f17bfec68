{#- A text as a value of a CSV line, in quotes where it holds a comma or a quote. -#}
{% macro csv_value(text) -%}
    case
        when {{ regex_matches(text, '[,\"\\n]') }} then '"' || replace({{ text }}, '"', '""') || '"'
        else {{ text }}
    end
{%- endmacro %}
