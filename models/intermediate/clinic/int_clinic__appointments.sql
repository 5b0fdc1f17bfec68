-- grain: one row per appointment of the book as it now stands
with checks as (

    select * from {{ ref('int_clinic__appointment_checks') }}
    where not is_gone and rejection_reason is null

),

statuses as (

    select * from {{ ref('clinic_appointment_statuses') }}

),

newest_extract as (

    select * from {{ ref('stg_landing__newest_extract') }}

),

final as (

    select
        checks.appointment_id,
        checks.patient_id,
        checks.physio_id,
        checks.status,
        statuses.is_open,
        statuses.is_attended,
        statuses.is_missed,
        statuses.is_canceled,
        checks.price_estimate_amount,
        cast(round({{ seconds_between('checks.starts_at_utc', 'checks.ends_at_utc') }}) as bigint)
            as duration_seconds,
        cast(checks.starts_at as date) as appointment_date,
        checks.starts_at,
        checks.ends_at,
        checks.booked_at,
        checks.starts_at_utc,
        checks.ends_at_utc,
        checks.booked_at_utc,
        checks.canceled_at_utc,
        checks._source_file,
        checks._source_row,
        checks._drop_day,
        checks._load_id,
        checks._extracted_at,
        newest_extract.extracted_at as _seen_at
    from checks
    inner join statuses on checks.status = statuses.status
    cross join newest_extract

)

select * from final
