{% test unknown_is_null(model) %}
{#- Rule 2 for every column with meta `unknown_when`: null exactly where the condition holds. -#}
{%- set checks = [] -%}
{%- for column in mart_columns(model) -%}
    {%- set meta = column.config.meta or column.meta -%}
    {%- if meta.unknown_when -%} {%- do checks.append((column.name, meta.unknown_when)) -%} {%- endif -%}
{%- endfor -%}
{%- for name, condition in checks or [('1', 'false')] %}
{{ 'union all ' if not loop.first }}select '{{ name }}' as column_name
from {{ model }}
where ({{ name }} is null) <> coalesce({{ condition }}, false)
{%- endfor %}
{% endtest %}
