{#- Where the bookable hours of several rows come from: the one source, or both. -#}
{% macro capacity_source(column) -%}
    case
        when min({{ column }}) = max({{ column }}) then min({{ column }})
        else 'availability.csv and opening hours'
    end
{%- endmacro %}
