with source as (

    select * from {{ source('raw_opendental', 'appointmenttype') }}

),

final as (

    select
        appointmenttypenum as appointment_type_id,
        nullif({{ trimmed('appointmenttypename') }}, '') as appointment_type_name,
        itemorder as item_order,
        nullif({{ trimmed('pattern') }}, '') as pattern_text,
        nullif({{ trimmed('codestr') }}, '') as procedure_codes_text,
        {{ flag_to_boolean('ishidden') }} as is_hidden,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
