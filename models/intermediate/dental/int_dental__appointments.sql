-- grain: one row per appointment, unscheduled ones and planned templates included, notes not
with appointments as (

    select * from {{ ref('stg_opendental__appointments') }}
    where {{ is_known(['entry_at', 'appointment_at'], landed='_extracted_at') }}

),

statuses as (

    select * from {{ ref('opendental_appointment_statuses') }}
    where is_booking or is_unscheduled or is_planned

),

attached as (

    select
        appointment_id,
        count(*) as procedure_count,
        sum(fee_amount) as production_amount,
        sum(case when is_completed then fee_amount else 0 end) as completed_production_amount
    from {{ ref('int_dental__treatments') }}
    where (is_planned or is_completed) and appointment_id is not null and not is_utility
    group by appointment_id

),

last_breaks as (

    select
        appointment_id,
        appointment_action_code,
        row_number() over (
            partition by appointment_id
            order by event_at desc nulls last, appointment_event_id desc nulls last
        ) as break_rank
    from {{ ref('stg_opendental__appointment_events') }}
    where appointment_action_code in (2, 3) and {{ is_known(['event_at']) }}

),

-- Kept, or broken, after the as-of day: on it the appointment stood.
later_breaks as (

    select appointment_id
    from {{ ref('stg_opendental__appointment_events') }}
    where appointment_action_code in (2, 3) and not {{ is_known(['event_at']) }}
    group by appointment_id

),

standing as (

    select appointments.appointment_id
    from appointments
    inner join statuses
        on appointments.appointment_status_code = statuses.appointment_status_code
    left join later_breaks on appointments.appointment_id = later_breaks.appointment_id
    left join last_breaks
        on
            appointments.appointment_id = last_breaks.appointment_id
            and last_breaks.break_rank = 1
    where
        (statuses.is_completed and not {{ is_known(['appointments.appointment_at']) }})
        or (
            statuses.is_broken
            and last_breaks.appointment_id is null
            and later_breaks.appointment_id is not null
        )

),

final as (

    select
        appointments.appointment_id,
        appointments.patient_id,
        case
            when appointments.is_hygiene
                then coalesce(appointments.hygienist_id, appointments.provider_id, 0)
            else coalesce(appointments.provider_id, 0)
        end as provider_id,
        appointments.provider_id as dentist_id,
        appointments.hygienist_id,
        coalesce(appointments.clinic_id, 0) as clinic_id,
        appointments.operatory_id,
        appointments.appointment_type_id,
        appointments.confirmed_definition_id,
        case
            when standing.appointment_id is not null then 1
            else appointments.appointment_status_code
        end as appointment_status_code,
        appointments.is_hygiene,
        appointments.is_new_patient,
        appointments.appointment_priority_code = 1 as is_asap,
        statuses.is_booking,
        statuses.is_scheduled or standing.appointment_id is not null as is_scheduled,
        statuses.is_completed and standing.appointment_id is null as is_kept,
        statuses.is_broken and standing.appointment_id is null as is_broken,
        case
            when not statuses.is_broken or standing.appointment_id is not null then null
            when last_breaks.appointment_action_code = 2 then 'missed'
            when last_breaks.appointment_action_code = 3 then 'cancelled'
        end as broken_how,
        case when statuses.is_booking then appointments.appointment_at end as starts_at,
        5 * coalesce(length(appointments.pattern_text), 0) as minutes,
        5 * coalesce(
            length({{ dbt.replace('upper(appointments.pattern_text)', "'/'", "''") }}), 0
        ) as provider_minutes,
        coalesce(attached.procedure_count, 0) as procedure_count,
        coalesce(attached.production_amount, 0) as production_amount,
        coalesce(attached.completed_production_amount, 0) as completed_production_amount,
        appointments.entry_at,
        appointments.arrived_at,
        appointments.seated_at,
        appointments.dismissed_at
    from appointments
    inner join statuses
        on appointments.appointment_status_code = statuses.appointment_status_code
    left join standing on appointments.appointment_id = standing.appointment_id
    left join attached on appointments.appointment_id = attached.appointment_id
    left join last_breaks
        on
            appointments.appointment_id = last_breaks.appointment_id
            and last_breaks.break_rank = 1

)

select * from final
