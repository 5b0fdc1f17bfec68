-- grain: one row per source, field and spelling that no alias knows
with unmapped as (

    select * from {{ ref('int_care__unmapped_values') }}

),

dental as (

    select * from {{ ref('int_dental__unmapped_values') }}

),

clinic as (

    select * from {{ ref('int_clinic__unmapped_values') }}

),

final as (

    select
        source,
        field,
        value_text,
        count(*) as value_count,
        cast(null as decimal(18, 2)) as value_amount,
        min(_source_file) as example_file
    from unmapped
    group by source, field, value_text
    union all
    select
        source,
        field,
        value_text,
        value_count,
        cast(null as decimal(18, 2)) as value_amount,
        cast(null as {{ dbt.type_string() }}) as example_file
    from dental
    union all
    select
        source,
        field,
        value_text,
        value_count,
        cast(value_amount as decimal(18, 2)) as value_amount,
        example_file
    from clinic

)

select * from final
