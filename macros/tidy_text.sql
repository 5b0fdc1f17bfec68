{#- A hand-typed text without what nobody can see: no-break and thin spaces become spaces, zero-width
    marks go, outer white space goes, nothing left is null. Inner line breaks stay, as do the joiners
    (U+200C, U+200D) that Indic scripts need. -#}
{% macro tidy_text(text) -%}
    {{ return(adapter.dispatch('tidy_text')(text)) }}
{%- endmacro %}

{% macro default__tidy_text(text) -%}
    nullif(trim(translate(
        {{ text }},
        chr(160) || chr(8239) || chr(8201) || chr(8199) || chr(9) || chr(8203) || chr(8206)
        || chr(8207) || chr(8288) || chr(65279),
        '     '
    ), ' ' || chr(10) || chr(13)), '')
{%- endmacro %}

{#- Trap: Spark's chr takes what is left of a division by 256, and its trim has the texts the other
    way round. -#}
{% macro spark__tidy_text(text) -%}
    nullif(trim(both ' \n\r' from translate(
        {{ text }}, '\u00a0\u202f\u2009\u2007\t\u200b\u200e\u200f\u2060\ufeff', '     '
    )), '')
{%- endmacro %}
