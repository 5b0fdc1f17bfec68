{#- The join condition to the version in force at a moment. -#}
{% macro valid_at(moment, versions) -%}
    {{ moment }} >= {{ versions }}.valid_from and {{ moment }} < {{ versions }}.valid_to
{%- endmacro %}
