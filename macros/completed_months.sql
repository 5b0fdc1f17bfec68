{#- Completed months from one date to a later one: 31 January to 27 February is 0, to 28 February 1.
    Trap: counting calendar months says 13 of somebody who stayed twelve and a half. -#}
{% macro completed_months(first, last) -%}
    (
        {{ dbt.datediff(first, last, 'month') }}
        - case
            when
                extract(day from {{ last }}) < extract(day from {{ first }})
                and extract(day from {{ add_days(last, 1) }}) <> 1 then 1
            else 0
        end
    )
{%- endmacro %}
