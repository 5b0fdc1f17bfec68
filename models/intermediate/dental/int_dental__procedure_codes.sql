-- grain: one row per procedure code, with our category and whether it is treatment at all
with codes as (

    select * from {{ ref('stg_opendental__procedure_codes') }}

),

categories as (

    select * from {{ ref('dental_procedure_categories') }}

),

rules as (

    select * from {{ ref('dental_utility_code_rules') }}

),

matched as (

    select
        codes.procedure_code_id,
        rules.kind as utility_kind,
        row_number() over (
            partition by codes.procedure_code_id
            order by length(rules.code_pattern) desc nulls last, rules.rule asc nulls last
        ) as match_rank
    from codes
    inner join rules on codes.procedure_code like rules.code_pattern

),

periodontal as (

    select codes.procedure_code_id
    from codes
    inner join {{ ref('dental_periodontal_codes') }} as patterns
        on codes.procedure_code like patterns.code_pattern
    group by codes.procedure_code_id

),

final as (

    select
        codes.procedure_code_id,
        codes.procedure_code,
        codes.procedure_name,
        codes.abbreviation,
        codes.category_definition_id,
        codes.treatment_area_code,
        coalesce(categories.procedure_category, 'office codes') as procedure_category,
        coalesce(categories.category_order, 99) as category_order,
        coalesce(categories.is_routine, false) as is_routine,
        periodontal.procedure_code_id is not null as is_periodontal,
        matched.utility_kind,
        matched.utility_kind is not null as is_utility,
        coalesce(
            matched.utility_kind in ('missed_appointment', 'cancelled_appointment'), false
        ) as is_broken_appointment_mark,
        codes.is_hygiene,
        codes.is_prosthetic,
        codes.is_radiology,
        codes.is_not_billed_to_insurance
    from codes
    left join categories
        on codes.procedure_code between categories.from_code and categories.to_code
    left join matched
        on
            codes.procedure_code_id = matched.procedure_code_id
            and matched.match_rank = 1
    left join periodontal on codes.procedure_code_id = periodontal.procedure_code_id

)

select * from final
