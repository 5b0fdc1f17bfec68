{#- CTEs from the CTE `rows` of a source's facts to `known_<rows>`, those that count: known by the as-of
    day, and in no other file as well. Adds when their file was found gone.
    `keys` pairs the columns that number a row with those of int_care__uncounted_rows. -#}
{% macro known_facts(rows, source_name, keys) -%}
uncounted_rows as (

    select * from {{ ref('int_care__uncounted_rows') }}
    where source_name = '{{ source_name }}'

),

source_files as (

    select * from {{ ref('int_care__source_files') }}
    where source_name = '{{ source_name }}'

),

known_{{ rows }} as (

    select
        {{ rows }}.*,
        {{ retired_by_then('source_files.source_retired_at') }} as source_retired_at
    from {{ rows }}
    inner join source_files on {{ rows }}._source_file = source_files._source_file
    left join uncounted_rows
        on
            {{ rows }}._source_file = uncounted_rows._source_file
            {%- for own, other in keys.items() %}
            and {{ rows }}.{{ own }} = uncounted_rows.{{ other }}
            {%- endfor %}
    where uncounted_rows._source_row is null

)
{%- endmacro %}
