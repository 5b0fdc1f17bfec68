{#- A moment from the text of a claims file, in any form that moment_text knows (an offset is taken
    too; the wall clock counts). Null where it is none, or outside 1900 to 2099. -#}
{% macro claims_moment(text, order=none) -%}
    case
        when right({{ text }}, 1) between '0' and '9'
            and ({{ text }} like '20__-__-__%' or {{ text }} like '19__-__-__%')
            then {{ try_to(text, 'timestamp') }}
        else {{ claims_written_moment(moment_text(trimmed(text), order or known_order('date_order'))) }}
    end
{%- endmacro %}

{% macro claims_written_moment(text) -%}
    case
        when {{ text }} like '20__-__-__%' or {{ text }} like '19__-__-__%'
            then {{ try_to(text, 'timestamp') }}
    end
{%- endmacro %}
