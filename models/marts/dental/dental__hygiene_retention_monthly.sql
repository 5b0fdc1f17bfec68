-- grain: one row per month with hygiene visits
with visits as (

    select * from {{ ref('int_dental__hygiene_visits') }}

),

next_appointments as (

    select * from {{ ref('int_dental__next_appointments') }}
    where next_hygiene_at is not null

),

last_of_month as (

    select
        *,
        row_number() over (
            partition by patient_id, month, is_periodontal_visit order by day desc nulls last
        ) as visit_rank
    from visits

),

months as (

    select
        last_of_month.month,
        last_of_month.visit_rank = 1 and not last_of_month.is_periodontal_visit as is_counted,
        last_of_month.is_periodontal_visit,
        last_of_month.is_reappointed,
        last_of_month.is_back_early,
        last_of_month.is_retained,
        not last_of_month.is_retained and next_appointments.patient_id is not null
            as is_scheduled,
        last_of_month.next_day is null and not last_of_month.is_active_patient as has_left
    from last_of_month
    left join next_appointments on last_of_month.patient_id = next_appointments.patient_id

),

summed as (

    select
        month,
        {{ is_over('month', 'month') }} as is_complete,
        {{ is_mature_month('month', var('dental_hygiene_horizon_days')) }} as is_mature,
        {% for flag, name in [
            ('is_reappointed', 'reappointed_patients'), ('is_back_early', 'early_return_patients'),
            ('is_retained', 'retained_patients'), ('is_scheduled', 'not_retained_but_scheduled'),
            ('has_left', 'left_patients'),
        ] %}
            cast(sum(case when is_counted and {{ flag }} then 1 else 0 end) as bigint)
                as {{ name }},
        {% endfor %}
        cast(count(*) as bigint) as hygiene_visits,
        cast(sum(case when is_periodontal_visit then 1 else 0 end) as bigint)
            as periodontal_visits,
        cast(sum(case when is_counted then 1 else 0 end) as bigint) as patients
    from months
    group by month

),

final as (

    select
        *,
        {{ rate_columns('reappointment_rate', 'reappointed_patients', 'patients') }},
        {{ rate_columns(
            'retention_rate', 'retained_patients', 'case when is_mature then patients end'
        ) }},
        {{ is_small_sample('patients') }} as is_small_sample
    from summed

)

select * from final
