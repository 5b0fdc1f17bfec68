{#- Where the bookable hours of several rows come from: the one source, both, or `none`. -#}
{% macro capacity_source(column) -%}
    case
        when min(nullif({{ column }}, 'none')) is null then 'none'
        when min(nullif({{ column }}, 'none')) = max(nullif({{ column }}, 'none'))
            then min(nullif({{ column }}, 'none'))
        else 'availability.csv and opening hours'
    end
{%- endmacro %}
