{#- A date from the parts part_1, part_2, part_3 of a hand-typed one, with month_1 and month_2 where a
    part is a month's name: year first, a name in either place, or numbers in the order dmy or mdy (the
    other order where only that is a date). Two-digit years are 1970 to 2069. Null when it is none, or outside 1900 to 2100. -#}
{% macro date_from_parts(order) -%}
    {%- set number = [none] -%}
    {%- for part in ['part_1', 'part_2', 'part_3'] -%}
        {%- do number.append(try_to(part, 'integer')) -%}
    {%- endfor -%}
    {%- set day_first = order == 'dmy' -%}
    {%- set first, second = ('part_1', 'part_2') if day_first else ('part_2', 'part_1') -%}
    case
        when length(part_1) = 4 and {{ number[1] }} is not null
            then {{ checked_date(number[1], 'coalesce(month_2, ' ~ number[2] ~ ')', number[3]) }}
        when month_1 is not null
            then {{ checked_date(full_year('part_3'), 'month_1', number[2]) }}
        when month_2 is not null
            then {{ checked_date(full_year('part_3'), 'month_2', number[1]) }}
        else coalesce(
            {{ checked_date(full_year('part_3'), try_to(second, 'integer'), try_to(first, 'integer')) }},
            {{ checked_date(full_year('part_3'), try_to(first, 'integer'), try_to(second, 'integer')) }}
        )
    end
{%- endmacro %}

{% macro full_year(part) -%}
    case length({{ part }})
        when 4 then {{ try_to(part, 'integer') }}
        when 2 then {{ try_to(part, 'integer') }} + case when {{ part }} < '70' then 2000 else 1900 end
    end
{%- endmacro %}

{% macro checked_date(year, month, day) -%}
    case
        when {{ year }} between 1900 and 2100
            then {{ try_to(
                as_text(year) ~ " || '-' || lpad(" ~ as_text(month) ~ ", 2, '0') || '-' || lpad("
                ~ as_text(day) ~ ", 2, '0')", 'date'
            ) }}
    end
{%- endmacro %}

{% macro as_text(value) -%} cast({{ value }} as {{ dbt.type_string() }}) {%- endmacro %}
