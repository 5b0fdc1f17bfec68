{#- The whole numbers from 1 on; dbt's own are fractional on Postgres, which `mod` does not take. -#}
{% macro postgres__generate_series(upper_bound) -%}
    select generated_number from generate_series(1, {{ upper_bound }}) as numbers (generated_number)
{%- endmacro %}

{#- dbt's own joins of powers of two take Spark eighteen seconds. -#}
{% macro spark__generate_series(upper_bound) -%}
    select cast(id as int) as generated_number from range(1, {{ upper_bound }} + 1)
{%- endmacro %}
