{#- An id of the appointment book as text: blank is null, and 7.0 (what spreadsheets and data frames
    make of a whole-number column with a gap) is 7. -#}
{% macro book_id(text) -%}
    {{ regex_replace(tidy_text(text), '^([0-9]+)[.]0+$', '\\1') }}
{%- endmacro %}
