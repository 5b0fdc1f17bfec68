{#- An amount of a claims file, at two decimals. Traps, both since ten million claims pass through here:
    a plain cast goes first, for the other forms cost a regular expression; and it is a case, for
    DuckDB works out what the parts of a coalesce share before it knows that they are needed. -#}
{% macro claims_amount(text) -%}
    case
        when {{ try_to(text, 'decimal(18, 2)') }} is not null
            then {{ try_to(text, 'decimal(18, 2)') }}
        when {{ claims_text(text) }} is not null then {{ money(text) }}
    end
{%- endmacro %}
