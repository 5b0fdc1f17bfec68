{#- An amount of a claims file, at two decimals, or a quantity by its `type`. Traps, since ten million
    claims pass through here: a plain cast goes first, for the other forms cost regular expressions
    (not where a comma is the decimal mark: 1.234 is a thousand and more there); and it is a case, for
    DuckDB works out what the parts of a coalesce share before it knows that they are needed. -#}
{% macro claims_amount(text, mark=none, type='decimal(18, 2)') -%}
    {%- set mark = mark or "coalesce(decimal_mark, '.')" -%}
    case
        when {{ mark }} = '.' and {{ try_to(text, type) }} is not null
            then {{ try_to(text, type) }}
        when {{ claims_text(text) }} is not null then {{ money(text, mark, type) }}
    end
{%- endmacro %}
