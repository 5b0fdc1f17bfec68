{#- The key of a version: its id and the day it begins, with the time where it does not begin at
    midnight. Readable, and short enough that ten million facts can carry it. -#}
{% macro version_key(id, valid_from) -%}
    {{ id }} || '@' || case
        when {{ valid_from }} = cast(cast({{ valid_from }} as date) as timestamp)
            then cast(cast({{ valid_from }} as date) as {{ dbt.type_string() }})
        else cast({{ valid_from }} as {{ dbt.type_string() }})
    end
{%- endmacro %}
