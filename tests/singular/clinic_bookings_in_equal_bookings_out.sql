-- Fails with a row where the kept rows of appointments.csv and the days' bookings differ.
with kept as (

    select count(*) as row_count
    from {{ ref('int_clinic__row_outcomes') }}
    where outcome = 'kept' and _source_file like '%/appointments.csv'

),

days as (

    select coalesce(sum(bookings), 0) as row_count
    from {{ ref('clinic__daily_kpis') }}

)

select
    kept.row_count as kept_count,
    days.row_count as booking_count
from kept
cross join days
where kept.row_count <> days.row_count
