{#- A scorecard's bin in words: its bounds, its category, or that nothing is known. A category that stands
    for a person is told by its place among the most frequent, never by its value. -#}
{% macro term_label() -%}
    case
        when kind = 'intercept' then 'every row'
        when kind = 'missing' then 'not known'
        when kind = 'unseen' then 'never seen before'
        when kind = 'category' and is_pseudonym
            then 'number ' || cast(kind_number as {{ dbt.type_string() }})
        when kind = 'category' then category
        when first_value is null and last_value is null then 'any value'
        when first_value = last_value then {{ bound_label('first_value') }}
        when last_value is null then {{ bound_label('first_value') }} || ' or more'
        when first_value is null and is_whole then 'up to ' || {{ bound_label('last_value') }}
        when first_value is null then 'below ' || {{ bound_label('last_value') }}
        when is_whole
            then {{ bound_label('first_value') }} || ' to ' || {{ bound_label('last_value') }}
        else {{ bound_label('first_value') }} || ' to below ' || {{ bound_label('last_value') }}
    end
{%- endmacro %}

{#- A bound of a bin: weekdays and months by their names. -#}
{% macro bound_label(number) -%}
    case
        when words like '%{weekday}%' then {{ in_words("'{weekday}'", number, "''") }}
        when words like '%{month}%' then {{ in_words("'{month}'", number, "''") }}
        else {{ shown_number(number) }}
    end
{%- endmacro %}
