{#- An amount of a claims file, at two decimals. Trap: a plain cast first, since ten million claims pass
    through here and the other forms cost regular expressions; not where a comma is the decimal mark,
    since 1.234 is a thousand and more there. -#}
{% macro claims_amount(text, mark="coalesce(decimal_mark, '.')") -%}
    coalesce(
        case when {{ mark }} = '.' then {{ try_to(text, 'decimal(18, 2)') }} end,
        {{ money(text, mark, 'decimal(18, 2)') }}
    )
{%- endmacro %}
