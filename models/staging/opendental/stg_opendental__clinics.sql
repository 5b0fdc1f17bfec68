with source as (

    select * from {{ source('raw_opendental', 'clinic') }}

),

final as (

    select
        clinicnum as clinic_id,
        nullif({{ trimmed('description') }}, '') as clinic_name,
        nullif({{ trimmed('abbr') }}, '') as abbreviation,
        itemorder as item_order,
        nullif({{ trimmed('city') }}, '') as city,
        nullif({{ trimmed('state') }}, '') as state,
        nullif({{ trimmed('zip') }}, '') as postal_code,
        {{ none_id_to_null('region') }} as region_definition_id,
        {{ none_id_to_null('defaultprov') }} as default_provider_id,
        {{ none_id_to_null('insbillingprov') }} as billing_provider_id,
        defaultplaceservice as place_of_service_code,
        nullif({{ trimmed('timezone') }}, '') as time_zone,
        {{ flag_to_boolean('ismedicalonly') }} as is_medical_only,
        {{ flag_to_boolean('ishidden') }} as is_hidden,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
