with source as (

    select * from {{ source('raw_opendental', 'procedurecode') }}

),

final as (

    select
        codenum as procedure_code_id,
        nullif({{ trimmed('proccode') }}, '') as procedure_code,
        nullif({{ trimmed('descript') }}, '') as procedure_name,
        nullif({{ trimmed('abbrdesc') }}, '') as abbreviation,
        nullif({{ trimmed('laymanterm') }}, '') as plain_name,
        {{ none_id_to_null('proccat') }} as category_definition_id,
        treatarea as treatment_area_code,
        {{ flag_to_boolean('ishygiene') }} as is_hygiene,
        {{ flag_to_boolean('isprosth') }} as is_prosthetic,
        {{ flag_to_boolean('isradiology') }} as is_radiology,
        {{ flag_to_boolean('ismultivisit') }} as is_multi_visit,
        {{ flag_to_boolean('nobillins') }} as is_not_billed_to_insurance,
        {{ flag_to_boolean('istaxed') }} as is_taxed,
        {{ none_id_to_null('provnumdefault') }} as default_provider_id,
        nullif({{ trimmed('substitutioncode') }}, '') as substitution_code,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
