{#- A participant's code such as PW001 in a hand-typed text: letters, then two or more digits, without
    the dash or underscore, or after capitals the space, that some people put between. Trap: "March 2025" has that form too, so
    the caller must check code_word() against workbook_name_words. -#}
{% macro participant_code(text) -%}
    upper({{ regex_replace(
        regex_extract(
            text, '(?:^|[^A-Za-z0-9])([A-Za-z]{1,5}[_-]?[0-9]{2,6}|[A-Z]{1,5} [0-9]{2,6})(?:$|[^A-Za-z0-9])'
        ),
        '[ _-]', ''
    ) }})
{%- endmacro %}

{% macro code_word(code) -%}
    {{ regex_replace('lower(' ~ code ~ ')', '[0-9]', '') }}
{%- endmacro %}
