-- grain: one row per source, field and spelling that no alias knows
with unmapped as (

    select * from {{ ref('int_care__unmapped_values') }}

),

suggestions as (

    select * from {{ ref('int_care__alias_suggestions') }}

),

dental as (

    select * from {{ ref('int_dental__unmapped_values') }}

),

counted as (

    select
        source,
        field,
        value_text,
        count(*) as value_count,
        min(_source_file) as example_file
    from unmapped
    group by source, field, value_text

),

final as (

    select
        counted.source,
        counted.field,
        counted.value_text,
        counted.value_count,
        counted.example_file,
        suggestions.seed_name,
        suggestions.nearest_value,
        suggestions.line_to_add
    from counted
    left join suggestions
        on counted.field = suggestions.field and counted.value_text = suggestions.value_text
    union all
    select
        source,
        field,
        value_text,
        value_count,
        cast(null as {{ dbt.type_string() }}) as example_file,
        cast(null as {{ dbt.type_string() }}) as seed_name,
        cast(null as {{ dbt.type_string() }}) as nearest_value,
        cast(null as {{ dbt.type_string() }}) as line_to_add
    from dental

)

select * from final
