{% test never_null(model, columns) %}
{#- None of these columns is null in any row; a model with a grain says it there (unique_grain). -#}
select {{ columns | join(', ') }}
from {{ model }}
where {{ columns | join(' is null or ') }} is null
{% endtest %}
