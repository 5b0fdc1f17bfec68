{#- 1 for the newest copy of a row that several drops hold: by the drop's day (the bulk is oldest),
    then by row. Rows without an id are all newest; copies that were not known yet (is_known) are
    ranked apart. Trap: not by when it landed, so that a rebuild from the same folder gives the same
    answer as landing day by day. -#}
{% macro copy_rank(key) -%}
    case
        when {{ key }} is null then 1
        else row_number() over (
            partition by {{ key }}, is_known
            order by _drop_day desc nulls last, _source_row desc nulls last
        )
    end
{%- endmacro %}
