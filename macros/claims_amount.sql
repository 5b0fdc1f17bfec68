{#- An amount of a claims file, at two decimals, or a quantity by its `type`. Trap: a plain cast
    first, since ten million claims pass through here and the other forms cost regular expressions;
    not where a comma is the decimal mark, since 1.234 is a thousand and more there. -#}
{% macro claims_amount(text, mark=none, type='decimal(18, 2)') -%}
    {%- set mark = mark or "coalesce(decimal_mark, '.')" -%}
    coalesce(
        case when {{ mark }} = '.' then {{ try_to(text, type) }} end,
        {{ money(text, mark, type) }}
    )
{%- endmacro %}
