-- grain: one row per patient and episode: visits with no gap longer than clinic_episode_gap_days
with visits as (

    select * from {{ ref('clinic__fact_appointments') }}
    where is_attended

),

starts as (

    select * from {{ ref('int_clinic__patient_starts') }}

),

followed as (

    select
        *,
        lag(appointment_date) over (
            partition by patient_id
            order by starts_at_utc asc nulls last, appointment_id asc nulls last
        ) as previous_date
    from visits

),

numbered as (

    select
        *,
        sum(case
            when {{ add_days('previous_date', var('clinic_episode_gap_days')) }} >= appointment_date
                then 0
            else 1
        end) over (
            partition by patient_id
            order by starts_at_utc asc nulls last, appointment_id asc nulls last
            rows between unbounded preceding and current row
        ) as episode_number
    from followed

),

counted as (

    select
        patient_id,
        episode_number,
        min(appointment_date) as first_visit_date,
        max(appointment_date) as last_visit_date,
        count(*) as visit_count,
        {{ known_sum('price_estimate_amount') }} as revenue_estimate,
        {{ known_sum('paid_amount') }} as revenue_paid
    from numbered
    group by patient_id, episode_number

),

final as (

    select
        {{ surrogate_key(['counted.patient_id', 'counted.episode_number']) }} as episode_key,
        counted.patient_id,
        cast(counted.episode_number as bigint) as episode_number,
        counted.first_visit_date,
        counted.last_visit_date,
        cast(counted.visit_count as bigint) as visit_count,
        cast(counted.revenue_estimate as decimal(14, 2)) as revenue_estimate,
        cast(counted.revenue_paid as decimal(14, 2)) as revenue_paid,
        counted.episode_number = 1 and starts.is_new as is_new_patient,
        starts.is_new
        or counted.first_visit_date
        > {{ add_days('starts.book_first_day', var('clinic_episode_gap_days')) }}
            as is_start_known,
        {{ add_days('counted.last_visit_date', var('clinic_episode_gap_days')) }}
        < {{ clinic_complete_until() }} as is_over
    from counted
    inner join starts on counted.patient_id = starts.patient_id

)

select * from final
