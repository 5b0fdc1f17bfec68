{#- An id behind the name of its system, so that two systems' ids never meet; those of `main` stand
    as they are, which costs ten million rows nothing. claims_plain_id takes the name off again. -#}
{% macro claims_number(source_system, id) -%}
    case when {{ source_system }} = 'main' then {{ id }} else {{ source_system }} || ':' || {{ id }} end
{%- endmacro %}

{% macro claims_plain_id(source_system, number) -%}
    case
        when {{ source_system }} = 'main' then {{ number }}
        else substr({{ number }}, length({{ source_system }}) + 2)
    end
{%- endmacro %}
