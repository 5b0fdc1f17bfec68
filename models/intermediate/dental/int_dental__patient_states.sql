-- grain: one row per patient: what their history keeps
with patients as (

    select * from {{ ref('stg_opendental__patients') }}

),

final as (

    select
        patient_id,
        patient_status_code,
        guarantor_id,
        super_family_id,
        clinic_id,
        billing_type_definition_id,
        primary_provider_id,
        hygienist_id,
        fee_schedule_id,
        city,
        state,
        county,
        substring(postal_code, 1, 3) as postal_region,
        _extracted_at
    from patients

)

select * from final
