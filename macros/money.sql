{#- An amount from its text: 45.5, 1,234.50, $1,234.50, (200.00), 200.00-, 45,50 and 1.234,50. `mark`
    is the decimal mark, an expression that gives . or a comma. Null where it is none. Trap: 1,234 is
    1234 with a point and 1.234 with a comma. -#}
{% macro money(text, mark="'.'", type='decimal(12, 2)') -%}
    {{ try_to(decimal_text(bare_amount(text), mark), type) }}
{%- endmacro %}

{#- An amount without currency, spaces and thin marks of thousands; brackets or a last - as a minus. -#}
{% macro bare_amount(text) -%}
    {%- set bare = namespace(sql=dbt.replace(dbt.replace(tidy_text(text), "''''", "''"), "'’'", "''")) -%}
    {%- for pattern, replacement in [
        ('(?i)(USD|EUR|GBP|CHF|CAD|AUD|NZD|INR|SGD|ZAR|SEK|NOK|DKK|PLN|Rs[.]?)', ''),
        ('[$€£¥₹ \\x{00A0}\\x{202F}\\x{2009}]', ''), ('−', '-'),
        ('^[(]([0-9.,]+)[)]$', '-\\1'), ('^([0-9.,]+)-$', '-\\1'),
    ] -%}
        {%- set bare.sql = regex_replace(bare.sql, pattern, replacement) -%}
    {%- endfor -%}
    {{ bare.sql }}
{%- endmacro %}

{% macro decimal_text(text, mark) -%}
    case
        when {{ regex_matches(text, '^[+-]?[0-9]*[.]?[0-9]+([.]|[eE][+-]?[0-9]+)?$') }}
            and not ({{ mark }} = ',' and {{ regex_matches(text, '^[+-]?[0-9]{1,3}[.][0-9]{3}$') }})
            then {{ text }}
        when {{ regex_matches(text, '^[+-]?[0-9]{1,3}(,[0-9]{3})+[.][0-9]*$') }}
            or {{ regex_matches(text, '^[+-]?[0-9]{1,3}(,[0-9]{2,3})+,[0-9]{3}([.][0-9]*)?$') }}
            or ({{ mark }} = '.' and {{ regex_matches(text, '^[+-]?[0-9]{1,3}(,[0-9]{3})+$') }})
            then {{ dbt.replace(text, "','", "''") }}
        when {{ regex_matches(text, '^[+-]?[0-9]{1,3}([.][0-9]{3})+(,[0-9]*)?$') }}
            or {{ regex_matches(text, '^[+-]?[0-9]*,[0-9]{1,2}$') }}
            or ({{ mark }} = ',' and {{ regex_matches(text, '^[+-]?[0-9]*,[0-9]+$') }})
            then {{ dbt.replace(dbt.replace(text, "'.'", "''"), "','", "'.'") }}
    end
{%- endmacro %}
