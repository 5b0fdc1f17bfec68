-- grain: one row per patient
with patients as (

    select * from {{ ref('int_clinic__patients') }}

),

final as (

    select
        patient_id,
        first_name,
        last_name,
        patient_name,
        phone,
        email,
        consent_form_received,
        is_missing_phone,
        is_missing_consent,
        is_inferred,
        created_at,
        _source_file,
        _source_row
    from patients

)

select * from final
