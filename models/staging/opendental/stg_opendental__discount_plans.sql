with source as (

    select * from {{ source('raw_opendental', 'discountplan') }}

),

final as (

    select
        discountplannum as discount_plan_id,
        nullif({{ trimmed('description') }}, '') as discount_plan_name,
        {{ none_id_to_null('feeschednum') }} as fee_schedule_id,
        {{ none_id_to_null('defnum') }} as adjustment_type_definition_id,
        {{ blank_to_null('annualmax') }} as annual_maximum_amount,
        {{ flag_to_boolean('ishidden') }} as is_hidden,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
