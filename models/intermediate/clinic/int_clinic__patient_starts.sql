-- grain: one row per patient who came: the first visit, and whether it is really the first
with visits as (

    select
        patient_id,
        min(appointment_date) as first_visit_date
    from {{ ref('int_clinic__appointments') }}
    where is_attended
    group by patient_id

),

book as (

    select min(appointment_date) as first_day from {{ ref('int_clinic__appointments') }}

),

patients as (

    select * from {{ ref('int_clinic__patients') }}

),

final as (

    select
        visits.patient_id,
        visits.first_visit_date,
        book.first_day as book_first_day,
        -- The record was made after the book begins; where nobody says when, nothing was seen of
        -- the patient for so long that the visit counts as the first.
        coalesce(
            cast(patients.created_at as date) > book.first_day,
            visits.first_visit_date
            > {{ add_days('book.first_day', var('clinic_new_patient_quiet_days')) }}
        ) as is_new
    from visits
    cross join book
    left join patients on visits.patient_id = patients.patient_id

)

select * from final
