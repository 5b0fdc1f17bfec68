with source as (

    select * from {{ source('raw_opendental', 'preference') }}

),

final as (

    select
        prefname as preference_name,
        prefnum as preference_id,
        nullif({{ trimmed('valuestring') }}, '') as value_text,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
