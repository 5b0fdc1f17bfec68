{#- CTEs from the CTE `rows` of a source's facts to `known_<rows>`, those that count: known by the as-of
    day, and not superseded by the same rows in another file. Adds when their file was found gone.
    `keys` pairs the columns that number a row with those of int_care__superseded_rows. -#}
{% macro known_facts(rows, source_name, day, keys) -%}
superseded_rows as (

    select * from {{ ref('int_care__superseded_rows') }}
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
    left join superseded_rows
        on
            {{ rows }}._source_file = superseded_rows._source_file
            {%- for own, other in keys.items() %}
            and {{ rows }}.{{ own }} = superseded_rows.{{ other }}
            {%- endfor %}
    where
        superseded_rows._source_row is null
        and {{ is_known([rows ~ '.' ~ day], landed='source_files._extracted_at') }}

)
{%- endmacro %}
