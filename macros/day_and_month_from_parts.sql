{#- Month and day of a hand-typed date without a year, "8th February" or 23/7, from part_1 and part_2;
    null where it is none. A name beside a number over 31 is a month and year: no date. -#}
{% macro month_from_parts(order) -%}
    {%- set first, second = try_to('part_1', 'integer'), try_to('part_2', 'integer') -%}
    {%- set month = second if order == 'dmy' else first -%}
    {%- set day = first if order == 'dmy' else second -%}
    case
        when month_1 is not null and length(part_2) <= 2 and {{ second }} between 1 and 31 then month_1
        when month_2 is not null and length(part_1) <= 2 and {{ first }} between 1 and 31 then month_2
        when {{ month }} between 1 and 12 and {{ day }} between 1 and 31 then {{ month }}
    end
{%- endmacro %}

{% macro day_from_parts() -%}
    {%- set first, second = try_to('part_1', 'integer'), try_to('part_2', 'integer') -%}
    case
        when month_1 is not null then {{ second }}
        when month_2 is not null then {{ first }}
        else {{ first if date_order() == 'dmy' else second }}
    end
{%- endmacro %}
