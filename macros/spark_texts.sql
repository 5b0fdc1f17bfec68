{#- Where dbt-spark's own macros give another text: its listagg gives '' for nothing and loses the order,
    and a backslash in a literal goes missing. -#}
{% macro spark__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
    listagg({{ measure }}, {{ delimiter_text }})
    {%- if order_by_clause %} within group ({{ order_by_clause }}){% endif %}
{%- endmacro %}

{% macro spark__escape_single_quotes(expression) -%}
    {{ expression | replace('\\', '\\\\') | replace("'", "\\'") }}
{%- endmacro %}

{% macro spark__comment_clause() -%}
    {%- if config.persist_relation_docs() -%} comment '{{ dbt.escape_single_quotes(model.description) }}' {%- endif -%}
{%- endmacro %}
