{#- A moment from YYYY-MM-DD or YYYY-MM-DD HH:MM:SS text (a T between, parts of a second and an
    offset are taken too; the wall clock counts). Null where it is none, or outside 1900 to 2099.
    Trap: outer spaces are looked for last, since ten million claims have none. -#}
{% macro claims_moment(text) -%}
    case
        when {{ text }} like '20__-__-__%' or {{ text }} like '19__-__-__%'
            then {{ try_to(text, 'timestamp') }}
        when trim({{ text }}) like '20__-__-__%' or trim({{ text }}) like '19__-__-__%'
            then {{ try_to('trim(' ~ text ~ ')', 'timestamp') }}
    end
{%- endmacro %}
