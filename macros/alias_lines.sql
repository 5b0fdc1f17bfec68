{#- An alias seed with its labels in the form in which the data's are compared, each once, so that
    "Church Basement" in a seed is found as "church basement" is. Of two lines alike the lesser value
    counts, and the seed's test alias_lines_match names them. -#}
{% macro alias_lines(seed, values=[], keys=[], label='label') -%}
    {%- set normalized = normalize_label(label) -%}
    select
        {{ normalized }} as {{ label }}
        {%- for key in keys %},
        {{ key }}
        {%- endfor %}
        {%- for value in values %},
        min({{ value }}) as {{ value }}
        {%- endfor %}
    from {{ ref(seed) }}
    where {{ normalized }} is not null
    group by {{ ([normalized] + keys) | join(', ') }}
{%- endmacro %}
