with source as (

    select * from {{ source('raw_opendental', 'covcat') }}

),

final as (

    select
        covcatnum as benefit_category_id,
        nullif({{ trimmed('description') }}, '') as benefit_category_name,
        {{ blank_to_null('defaultpercent', 'integer') }} as default_percent,
        covorder as item_order,
        ebenefitcat as electronic_benefit_category_code,
        {{ flag_to_boolean('ishidden') }} as is_hidden,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
