-- grain: one row per appointment and moment: moves, the form by then, bookings of that moment
with moments as (

    select * from {{ ref('int_ml__visit_moments') }}

),

versions as (

    select * from {{ ref('int_clinic__appointment_history') }}

),

moves as (

    select
        moments.appointment_id,
        moments.moment,
        count(*) as reschedule_count
    from moments
    inner join versions on moments.appointment_id = versions.appointment_id
    where
        versions.starts_at <> versions.previous_starts_at
        -- a drop is known the day after it
        and versions.valid_from_date < moments.known_day
    group by moments.appointment_id, moments.moment

),

-- Only the daily drops say when the signed form was there; of the bulk nobody can tell.
forms as (

    select
        moments.appointment_id,
        moments.moment,
        case
            when copies.consent_code in ('1', '1.0', 'true', 't', 'yes', 'y') then 1
            when copies.consent_code in ('0', '0.0', 'false', 'f', 'no', 'n') then 0
        end as has_consent,
        row_number() over (
            partition by moments.appointment_id, moments.moment
            order by copies._drop_day desc nulls last, copies._source_row desc nulls last
        ) as copy_rank
    from moments
    inner join {{ ref('stg_clinic__patients') }} as copies
        on
            moments.patient_id = copies.patient_id
            and moments.known_day > copies._drop_day

),

minutes as (

    select
        booked_at,
        count(*) as booking_count
    from moments
    where moment = 'booking' and known_at = booked_at
    group by booked_at

),

final as (

    select
        moments.appointment_id,
        moments.moment,
        coalesce(moves.reschedule_count, 0) as reschedule_count,
        forms.has_consent,
        coalesce(minutes.booking_count, 1) - 1 as other_bookings_that_moment
    from moments
    left join moves
        on moments.appointment_id = moves.appointment_id and moments.moment = moves.moment
    left join forms
        on
            moments.appointment_id = forms.appointment_id
            and moments.moment = forms.moment
            and forms.copy_rank = 1
    left join minutes on moments.booked_at = minutes.booked_at

)

select * from final
