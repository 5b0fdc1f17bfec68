{#- Full years of age on a day. Trap: a difference in calendar years counts a birthday that is still
    to come that year; 29 February is passed on 1 March. -#}
{% macro age_on(birth_date, day) -%}
    (
        {{ dbt.datediff(birth_date, day, 'year') }}
        - case
            when extract(month from {{ day }}) * 100 + extract(day from {{ day }})
                < extract(month from {{ birth_date }}) * 100 + extract(day from {{ birth_date }})
                then 1
            else 0
        end
    )
{%- endmacro %}
