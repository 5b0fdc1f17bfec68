{#- An amount from its text: 45.5, -20.00, or 45,50 with a decimal comma. Null where it is none. -#}
{% macro money(text) -%}
    {{ try_to(
        "case when " ~ regex_matches(tidy_text(text), '^[+-]?[0-9]+,[0-9]{1,2}$')
        ~ " then " ~ dbt.replace(tidy_text(text), "','", "'.'")
        ~ " when " ~ regex_matches(tidy_text(text), '^[+-]?[0-9]*[.]?[0-9]+([.]|[eE][+-]?[0-9]+)?$')
        ~ " then " ~ tidy_text(text) ~ " end",
        'decimal(12, 2)'
    ) }}
{%- endmacro %}
