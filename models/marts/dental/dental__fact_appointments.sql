-- grain: one row per appointment, unscheduled ones and planned templates included
with appointments as (

    select * from {{ ref('int_dental__appointments') }}

),

patients as (

    select * from {{ ref('int_dental__patient_versions') }}

),

definitions as (

    select * from {{ ref('stg_opendental__definitions') }}

),

statuses as (

    select * from {{ ref('opendental_appointment_statuses') }}

),

types as (

    select * from {{ ref('stg_opendental__appointment_types') }}

),

moments as (

    select
        *,
        coalesce(starts_at, entry_at, cast('1900-01-01' as timestamp)) as version_moment
    from appointments

),

final as (

    select
        moments.appointment_id,
        patients.patient_key,
        moments.patient_id,
        nullif(moments.provider_id, 0) as provider_id,
        moments.dentist_id,
        moments.hygienist_id,
        nullif(moments.clinic_id, 0) as clinic_id,
        moments.operatory_id,
        cast(moments.starts_at as date) as appointment_date,
        moments.starts_at,
        moments.entry_at as booked_at,
        statuses.appointment_status_name as appointment_status,
        confirmations.item_name as confirmation,
        types.appointment_type_name as appointment_type,
        moments.broken_how,
        moments.is_booking,
        moments.is_scheduled,
        moments.is_kept,
        moments.is_broken,
        moments.is_hygiene,
        moments.is_new_patient,
        moments.is_asap,
        cast(moments.minutes as bigint) as minutes,
        cast(moments.provider_minutes as bigint) as provider_minutes,
        cast({{ dbt.datediff('moments.entry_at', 'moments.starts_at', 'day') }} as bigint)
            as lead_days,
        cast(moments.procedure_count as bigint) as procedure_count,
        cast(moments.production_amount as decimal(18, 2)) as production_amount,
        cast(moments.completed_production_amount as decimal(18, 2))
            as completed_production_amount
    from moments
    left join patients
        on
            moments.patient_id = patients.patient_id
            and {{ valid_at('moments.version_moment', 'patients') }}
    left join statuses on moments.appointment_status_code = statuses.appointment_status_code
    left join definitions as confirmations
        on moments.confirmed_definition_id = confirmations.definition_id
    left join types on moments.appointment_type_id = types.appointment_type_id

)

select * from final
