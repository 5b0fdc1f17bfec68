{#- The form in which hand-typed labels are compared: lower case, letters and digits of any script,
    single spaces. Alias seeds hold this form. -#}
{% macro normalize_label(text) -%}
    nullif(trim({{ regex_replace('lower(' ~ text ~ ')', '[^\\p{L}\\p{M}\\p{N}]+', ' ') }}), '')
{%- endmacro %}
