with source as (

    select * from {{ source('raw_opendental', 'definition') }}

),

final as (

    select
        defnum as definition_id,
        category as category_code,
        nullif({{ trimmed('itemname') }}, '') as item_name,
        nullif({{ trimmed('itemvalue') }}, '') as item_value,
        itemorder as item_order,
        {{ flag_to_boolean('ishidden') }} as is_hidden,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
