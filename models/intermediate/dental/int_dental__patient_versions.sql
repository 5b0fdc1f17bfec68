-- grain: one row per version of a patient
with versions as (

    select * from {{ ref('history_opendental__patients') }}

),

lasting as (

    select
        *,
        row_number() over (partition by patient_id order by valid_from asc nulls last)
            as version_number
    from versions
    where valid_from < valid_to

),

final as (

    select
        {{ surrogate_key(['patient_id', 'version_number']) }} as patient_key,
        patient_id,
        version_number,
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
        postal_region,
        case
            when version_number = 1 then cast('1900-01-01' as timestamp)
            else valid_from
        end as valid_from,
        valid_to,
        valid_to = cast('9999-12-31' as timestamp) as is_current
    from lasting

)

select * from final
