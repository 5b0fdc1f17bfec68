-- grain: one row per copy of an appointment: what its status means, and whether it can be true
with copies as (

    select * from {{ ref('stg_clinic__appointments') }}

),

aliases as (

    select * from {{ ref('clinic_status_aliases') }}

),

known_patients as (

    select patient_id from {{ ref('stg_clinic__patients') }}
    where {{ clinic_is_known('_drop_day') }}
    group by patient_id

),

known_physios as (

    select physio_id from {{ ref('stg_clinic__physios') }}
    where is_known
    group by physio_id

),

-- A book may come without files of its patients or physiotherapists: then its visits name them.
files as (

    select
        (select count(*) from known_patients) > 0 as has_patients,
        (select count(*) from known_physios) > 0 as has_physios

),

final as (

    select
        copies.*,
        coalesce(aliases.status, 'UNMAPPED') as status,
        coalesce(aliases.is_late, false) as is_late_by_word,
        case
            when copies.appointment_id is null then 'appointment_id is missing'
            when copies.starts_at is null then 'appt_start is not an ISO 8601 time'
            when
                copies.ends_at is null
                and (copies.has_end_text or (copies.file_has_ends and not copies.is_day_only))
                then 'appt_end is not an ISO 8601 time'
            when copies.booked_at is null and copies.has_booked_text
                then 'booked_at is not an ISO 8601 time'
            when copies.ends_at_utc < copies.starts_at_utc then 'appt_end is before appt_start'
            -- A visit known by its day only begins some time on that day, not at midnight.
            when
                copies.booked_at_utc > copies.starts_at_utc
                and not (
                    copies.is_day_only
                    and cast(copies.booked_at as date) = cast(copies.starts_at as date)
                )
                then 'booked_at is after appt_start'
            when copies.patient_id is null then 'patient_id is missing'
            when known_patients.patient_id is null and files.has_patients
                then 'patient_id is in no patients.csv'
            when copies.physio_id is null then 'physio_id is missing'
            when
                known_physios.physio_id is null and files.has_physios and copies.physio_id <> '0'
                then 'physio_id is in no physios.csv'
            when copies.price_estimate_amount is null and copies.has_price_text
                then 'price_estimate is not an amount'
        end as rejection_reason
    from copies
    cross join files
    left join aliases on copies.status_label = aliases.status_label
    left join known_patients on copies.patient_id = known_patients.patient_id
    left join known_physios on copies.physio_id = known_physios.physio_id

)

select * from final
