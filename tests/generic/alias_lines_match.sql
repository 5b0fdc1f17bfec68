{% test alias_lines_match(model, column_name, within=[], one_word=false) %}

    {#- Lines of an alias seed that do nothing: nothing is left of the label once it is normalized
        as the data's are (of a word: or more than one word), or another line says the same. -#}
    {%- set keys = ([normalize_label(column_name)] + within) | join(', ') -%}
    select
        'can never match' as finding,
        {{ column_name }} as line
    from {{ model }}
    where
        {{ normalize_label(column_name) }} is null
        or ({{ one_word | lower }} and {{ normalize_label(column_name) }} like '% %')
    union all
    select
        'stands twice' as finding,
        min({{ column_name }}) as line
    from {{ model }}
    group by {{ keys }}
    having count(*) > 1

{% endtest %}
