{#- A moment of a clinic file as ISO 8601 text, by the date order that `clinic_file_formats` states. -#}
{% macro clinic_moment(text) -%}
    {{ moment_text(tidy_text(text), known_order('formats.date_order')) }}
{%- endmacro %}
