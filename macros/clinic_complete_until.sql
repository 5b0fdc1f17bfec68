{#- The last clinic-local day that is over: the day of the list where its own drop has come and says of
    every visit what became of it, else the day before. -#}
{% macro clinic_complete_until() -%}
    (select complete_until from {{ ref('int_clinic__complete_until') }})
{%- endmacro %}
