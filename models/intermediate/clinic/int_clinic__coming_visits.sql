-- grain: one row per booked visit to come, with what is known of its patient when the list is made
with appointments as (

    select * from {{ ref('int_clinic__appointments') }}

),

coming as (

    select
        *,
        {{ clinic_as_of() }} as list_date,
        {{ add_days(clinic_as_of(), -90) }} as history_from_date
    from appointments
    where is_open and appointment_date >= {{ clinic_as_of() }}

),

histories as (

    select
        coming.appointment_id,
        count(earlier.appointment_id) as earlier_count,
        sum(case
            when earlier.is_missed and earlier.appointment_date >= coming.history_from_date then 1
            else 0
        end) as missed_count,
        sum(case
            when earlier.is_attended and earlier.appointment_date >= coming.history_from_date then 1
            else 0
        end) as attended_count
    from coming
    left join appointments as earlier
        on
            coming.patient_id = earlier.patient_id
            and coming.appointment_id <> earlier.appointment_id
            and coming.starts_at_utc > earlier.starts_at_utc
            and coming.list_date >= earlier.appointment_date
    group by coming.appointment_id

),

final as (

    select
        coming.appointment_id,
        coming.patient_id,
        coming.physio_id,
        coming.list_date,
        coming.appointment_date,
        coming.starts_at,
        coming.ends_at,
        coming.booked_at,
        coming.starts_at_utc,
        coming.ends_at_utc,
        coming.booked_at_utc,
        histories.earlier_count = 0 as is_new_patient,
        histories.missed_count as missed_90d,
        histories.missed_count + histories.attended_count as visits_90d,
        histories.missed_count * 1.0
        / nullif(histories.missed_count + histories.attended_count, 0) as no_show_rate_90d,
        not coming.is_day_only
        and (
            extract(hour from coming.starts_at) < {{ var('clinic_early_before_hour') }}
            or extract(hour from coming.starts_at) >= {{ var('clinic_late_from_hour') }}
        ) as is_early_or_late,
        coming.is_day_only,
        {{ iso_weekday('coming.appointment_date') }} as weekday
    from coming
    inner join histories on coming.appointment_id = histories.appointment_id

)

select * from final
