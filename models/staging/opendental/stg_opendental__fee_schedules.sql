with source as (

    select * from {{ source('raw_opendental', 'feesched') }}

),

final as (

    select
        feeschednum as fee_schedule_id,
        nullif({{ trimmed('description') }}, '') as fee_schedule_name,
        feeschedtype as fee_schedule_type_code,
        itemorder as item_order,
        {{ flag_to_boolean('isglobal') }} as is_global,
        {{ flag_to_boolean('ishidden') }} as is_hidden,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
