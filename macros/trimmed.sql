{#- A text without the spaces around it, of any width and no-break ones too. Trap: plain trim means
    that to DuckDB only; other engines take off U+0020 alone. -#}
{% macro trimmed(text) -%} {{ return(adapter.dispatch('trimmed')(text)) }} {%- endmacro %}

{% macro default__trimmed(text) -%}
    trim({{ text }})
{%- endmacro %}

{% macro postgres__trimmed(text) -%}
    btrim({{ text }}, e' \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000')
{%- endmacro %}

{% macro spark__trimmed(text) -%}
    trim(both ' \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000' from {{ text }})
{%- endmacro %}
