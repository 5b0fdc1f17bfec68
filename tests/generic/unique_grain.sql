{% test unique_grain(model, columns, never_null=[]) %}
{#- The grain: no two rows agree in all of these columns (nulls count as equal), and none of
    `never_null` is null in any row. One test for both, since each test is a query of its own. -#}
select
    {{ columns | join(', ') }},
    count(*) as row_count
    {%- for column in never_null %},
    sum(case when {{ column }} is null then 1 else 0 end) as {{ column }}_null_count
    {%- endfor %}
from {{ model }}
group by {{ columns | join(', ') }}
having
    count(*) > 1
    {%- for column in never_null %}
    or sum(case when {{ column }} is null then 1 else 0 end) > 0
    {%- endfor %}
{% endtest %}
