-- grain: one row: the newest day the drops know of
with appointments as (

    select
        *,
        cast(starts_at as date) as appointment_date
    from {{ ref('int_clinic__appointment_checks') }}
    where not is_gone and rejection_reason is null

),

payments as (

    select * from {{ ref('int_clinic__payment_checks') }}
    where rejection_reason is null

),

newest_extract as (

    select * from {{ ref('stg_landing__newest_extract') }}

),

known_days as (

    select _drop_day as known_day from appointments
    union all
    select _drop_day from payments
    union all
    select cast(paid_at as date) from payments
    union all
    select cast(booked_at as date) from appointments
    union all
    select cast(canceled_at as date) from appointments
    union all
    select appointment_date from appointments
    where status in ('completed', 'no_show')

),

final as (

    select coalesce(max(known_days.known_day), min(newest_extract.as_of_date)) as as_of_date
    from newest_extract
    left join known_days on newest_extract.as_of_date >= known_days.known_day

)

select * from final
