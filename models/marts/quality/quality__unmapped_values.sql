-- grain: one row per source, field and spelling that no alias knows
with unmapped as (

    select * from {{ ref('int_care__unmapped_values') }}

),

dental as (

    select * from {{ ref('int_dental__unmapped_values') }}

),

claims as (

    select * from {{ ref('int_claims__unmapped_statuses') }}

),

final as (

    select
        source,
        field,
        value_text,
        count(*) as value_count,
        cast(null as decimal(18, 2)) as amount,
        min(_source_file) as example_file
    from unmapped
    group by source, field, value_text
    union all
    select
        source,
        field,
        value_text,
        value_count,
        cast(null as decimal(18, 2)) as amount,
        cast(null as {{ dbt.type_string() }}) as example_file
    from dental
    union all
    select
        source,
        field,
        value_text,
        value_count,
        amount,
        example_file
    from claims

)

select * from final
