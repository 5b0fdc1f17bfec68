-- grain: one row per version of a patient
with versions as (

    select * from {{ ref('int_dental__patient_versions') }}

),

patients as (

    select * from {{ ref('stg_opendental__patients') }}

),

definitions as (

    select * from {{ ref('stg_opendental__definitions') }}

),

codes as (

    select * from {{ ref('opendental_codes') }}

),

survivors as (

    select
        from_patient_id as patient_id,
        to_patient_id as merged_into_patient_id,
        row_number() over (
            partition by from_patient_id
            order by linked_at desc nulls last, patient_link_id desc nulls last
        ) as merge_rank
    from {{ ref('stg_opendental__patient_links') }}
    where patient_link_type_code = 1

),

final as (

    select
        versions.patient_key,
        versions.patient_id,
        patients.first_name,
        patients.last_name,
        coalesce(patients.mobile_phone, patients.home_phone, patients.work_phone) as phone,
        patients.email,
        patients.birth_date,
        genders.code_name as gender,
        marital_statuses.code_name as marital_status,
        consents.code_name as text_message_consent,
        statuses.code_name as patient_status,
        versions.patient_status_code = 0 as is_active,
        survivors.merged_into_patient_id,
        versions.guarantor_id,
        versions.guarantor_id = versions.patient_id as is_guarantor,
        versions.super_family_id,
        coalesce(versions.clinic_id, 0) as clinic_id,
        coalesce(versions.primary_provider_id, 0) as primary_provider_id,
        versions.hygienist_id,
        versions.fee_schedule_id,
        billing_types.item_name as billing_type,
        versions.city,
        versions.state,
        versions.county,
        versions.postal_region,
        versions.valid_from,
        versions.valid_to,
        versions.is_current
    from versions
    left join patients on versions.patient_id = patients.patient_id
    left join definitions as billing_types
        on versions.billing_type_definition_id = billing_types.definition_id
    left join codes as statuses
        on
            statuses.code_set = 'PatientStatus'
            and cast(versions.patient_status_code as {{ dbt.type_string() }})
            = statuses.code
    left join codes as genders
        on
            genders.code_set = 'PatientGender'
            and cast(patients.gender_code as {{ dbt.type_string() }}) = genders.code
    left join codes as marital_statuses
        on
            marital_statuses.code_set = 'PatientPosition'
            and cast(patients.marital_status_code as {{ dbt.type_string() }})
            = marital_statuses.code
    left join codes as consents
        on
            consents.code_set = 'YN'
            and cast(patients.text_message_consent_code as {{ dbt.type_string() }})
            = consents.code
    left join survivors
        on
            versions.patient_id = survivors.patient_id
            and survivors.merge_rank = 1

)

select * from final
