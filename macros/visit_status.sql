{#- The word of a book for what became of a visit, from its status and its columns of Yes and No. A yes
    (missed, came) goes before the status, which may never have been changed after the booking; a no
    counts where there is no status. Trap: Yes under `No-show` is a patient who did not come. -#}
{% macro visit_status(status, no_show, attended) -%}
    case
        when {{ says(no_show, true) }} then 'no show'
        when {{ says(attended, true) }} then 'attended'
        when {{ tidy_text(status) }} is not null then {{ tidy_text(status) }}
        when {{ says(no_show, false) }} then 'attended'
        when {{ says(attended, false) }} then 'no show'
        else coalesce({{ tidy_text(no_show) }}, {{ tidy_text(attended) }})
    end
{%- endmacro %}

{% macro says(column, yes) -%}
    {%- set words = ('yes', 'y', 'true', 't', '1', '1.0', 'x', 'ja') if yes
        else ('no', 'n', 'false', 'f', '0', '0.0', 'nein') -%}
    coalesce(lower({{ tidy_text(column) }}) in ('{{ words | join("', '") }}'), false)
{%- endmacro %}
