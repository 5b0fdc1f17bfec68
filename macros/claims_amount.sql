{#- An amount of a claims file, at two decimals. Trap: a plain cast first, since ten million claims pass
    through here and the other forms cost a regular expression. -#}
{% macro claims_amount(text) -%}
    coalesce({{ try_to(text, 'decimal(18, 2)') }}, {{ money(text) }})
{%- endmacro %}
