with source as (

    select * from {{ source('raw_opendental', 'recalltype') }}

),

final as (

    select
        recalltypenum as recall_type_id,
        nullif({{ trimmed('description') }}, '') as recall_type_name,
        defaultinterval as packed_interval,
        nullif({{ trimmed('procedures') }}, '') as procedure_codes_text,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
