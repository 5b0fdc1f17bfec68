-- grain: one row per appointment, with its outcome beside what its lead time alone would predict
with appointments as (

    select * from {{ ref('int_clinic__appointments') }}

),

bookings as (

    select * from {{ ref('int_ml__visit_moments') }}
    where moment = 'booking'

),

rates as (

    select * from {{ ref('int_ml__clinic_rates') }}

),

final as (

    select
        appointments.appointment_id,
        appointments.patient_id,
        appointments.appointment_date,
        appointments.booked_at,
        appointments.canceled_at_utc,
        appointments.is_missed,
        appointments.is_attended,
        appointments.is_canceled,
        {{ dbt.datediff("cast('1900-01-01' as date)", 'appointments.appointment_date', 'day') }}
            as day_number,
        bookings.lead_days,
        coalesce(rates.no_show_rate, {{ var('ml_prior_no_show_rate') }}) as expected_rate
    from appointments
    left join bookings on appointments.appointment_id = bookings.appointment_id
    left join rates
        on
            appointments.appointment_date = rates.day
            and bookings.lead_band = rates.lead_band

)

select * from final
