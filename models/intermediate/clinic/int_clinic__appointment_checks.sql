-- grain: one row per appointment: its newest copy, and whether it can be true
with copies as (

    select * from {{ ref('stg_clinic__appointments') }}

),

statuses as (

    select * from {{ ref('clinic_appointment_statuses') }}

),

known_patients as (

    select patient_id from {{ ref('stg_clinic__patients') }}
    group by patient_id

),

known_physios as (

    select physio_id from {{ ref('stg_clinic__physios') }}
    group by physio_id

),

replaced_days as (

    select _drop_day as replaced_day
    from copies
    where cast(starts_at as date) = _drop_day
    group by _drop_day

),

final as (

    select
        copies.*,
        replaced_days.replaced_day is not null as is_gone,
        case
            when copies.appointment_id is null then 'appointment_id is missing'
            when statuses.status is null
                then 'status is not one of booked, completed, canceled, no_show'
            when copies.starts_at is null then 'appt_start is not an ISO 8601 time'
            when copies.ends_at is null then 'appt_end is not an ISO 8601 time'
            when copies.booked_at is null and copies.has_booked_text
                then 'booked_at is not an ISO 8601 time'
            when copies.ends_at_utc < copies.starts_at_utc then 'appt_end is before appt_start'
            -- A book that gives days only writes every start as midnight: its own day is no fault.
            when
                copies.booked_at_utc > copies.starts_at_utc
                and (
                    cast(copies.booked_at as date) > cast(copies.starts_at as date)
                    or copies.starts_at > cast(cast(copies.starts_at as date) as timestamp)
                )
                then 'booked_at is after appt_start'
            when known_patients.patient_id is null then 'patient_id is in no patients.csv'
            when known_physios.physio_id is null then 'physio_id is in no physios.csv'
            when copies.price_estimate_amount is null and copies.has_price_text
                then 'price_estimate is not an amount'
        end as rejection_reason
    from copies
    left join statuses on copies.status = statuses.status
    left join known_patients on copies.patient_id = known_patients.patient_id
    left join known_physios on copies.physio_id = known_physios.physio_id
    left join replaced_days
        on
            cast(copies.starts_at as date) = replaced_days.replaced_day
            and copies.appointment_id is not null
            and (copies._drop_day is null or copies._drop_day < replaced_days.replaced_day)
    where copies.copy_rank = 1

)

select * from final
