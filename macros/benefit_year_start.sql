{#- First day of the benefit year that a day is in: the first of the plan's renewal month, of January
    where the plan goes by the calendar year (month 0). -#}
{% macro benefit_year_start(day, renewal_month) -%}
    {%- set month = 'case when ' ~ renewal_month ~ ' between 1 and 12 then ' ~ renewal_month
        ~ ' else 1 end' -%}
    cast(
        cast(
            extract(year from {{ day }})
            - case when extract(month from {{ day }}) < {{ month }} then 1 else 0 end
            as {{ dbt.type_string() }}
        )
        || case when {{ month }} < 10 then '-0' else '-' end
        || cast({{ month }} as {{ dbt.type_string() }}) || '-01'
        as date
    )
{%- endmacro %}
