-- grain: one row per procedure code of the practice
with codes as (

    select * from {{ ref('int_dental__procedure_codes') }}

),

definitions as (

    select * from {{ ref('stg_opendental__definitions') }}

),

areas as (

    select * from {{ ref('opendental_codes') }}
    where code_set = 'TreatmentArea'

),

final as (

    select
        codes.procedure_code_id,
        codes.procedure_code,
        codes.procedure_name,
        codes.abbreviation,
        codes.procedure_category,
        codes.category_order,
        own_categories.item_name as practice_category,
        areas.code_name as treatment_area,
        codes.is_hygiene,
        codes.is_prosthetic,
        codes.is_radiology,
        codes.is_not_billed_to_insurance,
        codes.is_utility,
        codes.utility_kind
    from codes
    left join definitions as own_categories
        on codes.category_definition_id = own_categories.definition_id
    left join areas on cast(codes.treatment_area_code as {{ dbt.type_string() }}) = areas.code

)

select * from final
