{#- A file's name without its folders and its suffix. -#}
{% macro file_stem(path) -%}
    {{ regex_replace(regex_replace(path, '^.*/', ''), '[.][A-Za-z]{3,4}$', '') }}
{%- endmacro %}
