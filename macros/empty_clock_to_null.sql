{#- A moment that OpenDental fills with a time of day (arrived, seated); midnight and an empty date mean
    that nobody recorded it. -#}
{% macro empty_clock_to_null(column) -%}
    case
        when {{ column }} >= cast('1880-01-01' as date) and {{ column }} <> cast({{ column }} as date)
            then {{ column }}
    end
{%- endmacro %}
