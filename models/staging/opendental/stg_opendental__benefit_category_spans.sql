with source as (

    select * from {{ source('raw_opendental', 'covspan') }}

),

final as (

    select
        covspannum as benefit_category_span_id,
        {{ none_id_to_null('covcatnum') }} as benefit_category_id,
        nullif({{ trimmed('fromcode') }}, '') as from_code,
        nullif({{ trimmed('tocode') }}, '') as to_code,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
