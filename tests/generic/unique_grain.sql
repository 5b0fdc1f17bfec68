{% test unique_grain(model, columns) %}
{#- The grain: no two rows agree in all of these columns (nulls count as equal). -#}
select
    {{ columns | join(', ') }},
    count(*) as row_count
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
