-- grain: one row per check and row of a drop it speaks of
with row_outcomes as (

    select * from {{ ref('int_clinic__row_outcomes') }}
    where outcome = 'rejected'

),

appointments as (

    select * from {{ ref('clinic__fact_appointments') }}

),

payments as (

    select * from {{ ref('clinic__fact_payments') }}
    where paid_for = 'appointment not in the book'

),

visit_times as (

    select * from {{ ref('int_clinic__visit_time') }}

),

double_bookings as (

    select * from {{ ref('int_clinic__overlaps') }}

),

priorities as (

    select * from {{ ref('clinic__reception_priorities') }}

),

next_day as (

    select min(day) as day
    from priorities
    where day > list_date

),

next_visits as (

    select priorities.*
    from priorities
    inner join next_day on priorities.day = next_day.day

),

found as (

    select
        appointment_id,
        'overlapping appointments of one ' || whose as check_name,
        'begins before an earlier one of the same ' || whose || ' has ended' as detail
    from double_bookings
    union all
    select
        appointment_id,
        'payment for an appointment not kept' as check_name,
        'paid, though it is ' || status as detail
    from appointments
    where not is_attended and not is_unmapped and paid_amount > 0
    union all
    select
        appointment_id,
        'status that no alias knows' as check_name,
        'left out of every rate until seed clinic_status_aliases knows the word' as detail
    from appointments
    where is_unmapped
    union all
    select
        appointment_id,
        'completed and unpaid after a day' as check_name,
        'nothing paid, or all of it refunded' as detail
    from appointments
    where
        is_attended
        and paid_amount <= 0
        and coalesce(price_estimate_amount, 1) > 0
        and appointment_date < {{ clinic_as_of() }}
    union all
    select
        appointment_id,
        'canceled after its start' as check_name,
        'the time of the cancellation is later than the visit, so no notice can be told' as detail
    from appointments
    where is_canceled_after_start
    union all
    select
        appointment_id,
        'outside the rota' as check_name,
        cast(cast(round(outside_seconds / 60.0) as integer) as {{ dbt.type_string() }})
        || ' minutes lie outside the stated availability of the physiotherapist' as detail
    from visit_times
    where is_rota_day and outside_seconds > 0
    union all
    select
        appointment_id,
        'still booked after its day' as check_name,
        'nobody said whether the patient came' as detail
    from appointments
    where is_open and appointment_date < {{ clinic_as_of() }}
    union all
    select
        appointment_id,
        'missing phone on the next day' as check_name,
        'no phone number to call' as detail
    from next_visits
    where missing_phone
    union all
    select
        appointment_id,
        'missing consent on the next day' as check_name,
        'no signed consent form' as detail
    from next_visits
    where missing_consent

),

gathered as (

    select
        'row that cannot be true' as check_name,
        'rejected' as severity,
        reason as detail,
        cast(null as {{ dbt.type_string() }}) as appointment_id,
        cast(null as date) as day,
        _source_file,
        _source_row
    from row_outcomes
    union all
    select
        'payment without its appointment' as check_name,
        'warning' as severity,
        'its appointment was rejected or is no longer in the book' as detail,
        appointment_id,
        payment_date as day,
        _source_file,
        _source_row
    from payments
    union all
    select
        found.check_name,
        'warning' as severity,
        found.detail,
        appointments.appointment_id,
        appointments.appointment_date as day,
        appointments._source_file,
        appointments._source_row
    from found
    inner join appointments on found.appointment_id = appointments.appointment_id

),

final as (

    select
        {{ surrogate_key(['check_name', '_source_file', '_source_row']) }} as finding_key,
        check_name,
        severity,
        detail,
        appointment_id,
        day,
        _source_file,
        _source_row
    from gathered

)

select * from final
