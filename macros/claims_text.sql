{#- A cell of a claims file without outer spaces, blank as null; a whole number that a data frame
    made into 7.0 is 7 again. Plain functions, since ten million claims pass through here. -#}
{% macro claims_text(text) -%}
    nullif({{ trimmed(text) }}, '')
{%- endmacro %}

{% macro claims_id(text) -%}
    case
        when {{ text }} like '%.0%' then {{ book_id(text) }}
        else {{ claims_text(text) }}
    end
{%- endmacro %}
