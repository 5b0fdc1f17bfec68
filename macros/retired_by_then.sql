{#- When a file was found gone, as far as that had happened by the as-of day; else null. -#}
{% macro retired_by_then(retired_at) -%}
    case when cast({{ retired_at }} as date) <= {{ as_of() }} then {{ retired_at }} end
{%- endmacro %}
