with source as (

    select * from {{ source('raw_opendental', 'patientlink') }}

),

final as (

    select
        patientlinknum as patient_link_id,
        {{ none_id_to_null('patnumfrom') }} as from_patient_id,
        {{ none_id_to_null('patnumto') }} as to_patient_id,
        linktype as patient_link_type_code,
        {{ empty_date_to_null('datetimelink') }} as linked_at,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
