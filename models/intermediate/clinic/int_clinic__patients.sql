-- grain: one row per patient who has a record that can be true, or a visit
with checks as (

    select * from {{ ref('int_clinic__patient_checks') }}
    where rejection_reason is null

),

visitors as (

    select patient_id from {{ ref('int_clinic__appointments') }}
    group by patient_id

),

final as (

    select
        coalesce(checks.patient_id, visitors.patient_id) as patient_id,
        checks.first_name,
        checks.last_name,
        {{ tidy_text("coalesce(checks.first_name, '') || ' ' || coalesce(checks.last_name, '')") }}
            as patient_name,
        checks.phone,
        checks.email,
        checks.consent_form_received,
        coalesce(
            not {{ regex_matches('checks.phone', '([0-9][^0-9]*){5}') }}, true
        ) as is_missing_phone,
        coalesce(checks.consent_form_received, 0) = 0 as is_missing_consent,
        checks.patient_id is null as is_inferred,
        checks.created_at,
        checks._source_file,
        checks._source_row,
        checks._load_id,
        checks._extracted_at
    from checks
    full outer join visitors on checks.patient_id = visitors.patient_id

)

select * from final
