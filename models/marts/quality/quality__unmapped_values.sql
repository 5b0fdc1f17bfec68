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

claims as (

    select * from {{ ref('int_claims__unmapped_statuses') }}

),

clinic as (

    select * from {{ ref('int_clinic__unmapped_values') }}

),

found as (

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
        cast(amount as decimal(18, 2)) as value_amount,
        example_file
    from claims
    union all
    select
        source,
        field,
        value_text,
        value_count,
        cast(value_amount as decimal(18, 2)) as value_amount,
        example_file
    from clinic

),

final as (

    select
        found.source,
        found.field,
        found.value_text,
        found.value_count,
        found.value_amount,
        found.example_file,
        suggestions.seed_name,
        suggestions.nearest_value,
        suggestions.line_to_add
    from found
    left join suggestions
        on
            found.source = 'workbooks'
            and found.field = suggestions.field
            and found.value_text = suggestions.value_text

)

select * from final
