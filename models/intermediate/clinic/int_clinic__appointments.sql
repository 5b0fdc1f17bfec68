-- grain: one row per appointment of the book as it stood on the day of the list
with checks as (

    select * from {{ ref('int_clinic__appointment_checks') }}
    where not is_gone and rejection_reason is null

),

statuses as (

    select * from {{ ref('clinic_appointment_statuses') }}

),

-- Nobody has come to a visit of a later day, whatever word the book keeps ready for it.
known as (

    select
        checks.*,
        case
            when
                (statuses.is_attended or statuses.is_missed)
                and cast(checks.starts_at as date) > {{ clinic_as_of() }}
                then 'booked'
            when
                statuses.is_canceled
                and cast(checks.canceled_at as date) > {{ clinic_as_of() }}
                then 'booked'
            else checks.status
        end as known_status
    from checks
    inner join statuses on checks.status = statuses.status

),

final as (

    select
        known.appointment_id,
        known.patient_id,
        known.physio_id,
        known.known_status as status,
        statuses.is_open,
        statuses.is_attended,
        statuses.is_missed,
        statuses.is_canceled,
        known.known_status = 'UNMAPPED' as is_unmapped,
        known.status_text,
        known.is_late_by_word,
        known.is_day_only,
        known.price_estimate_amount,
        case
            when not known.is_day_only
                then cast(
                    round({{ seconds_between('known.starts_at_utc', 'known.ends_at_utc') }})
                    as bigint
                )
        end as duration_seconds,
        cast(known.starts_at as date) as appointment_date,
        known.starts_at,
        coalesce(known.ends_at, known.starts_at) as ends_at,
        known.booked_at,
        known.starts_at_utc,
        coalesce(known.ends_at_utc, known.starts_at_utc) as ends_at_utc,
        known.booked_at_utc,
        case when statuses.is_canceled then known.canceled_at_utc end as canceled_at_utc,
        known._source_file,
        known._source_row,
        known._drop_day,
        known._load_id,
        known._extracted_at
    from known
    inner join statuses on known.known_status = statuses.status

)

select * from final
