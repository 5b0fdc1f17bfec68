-- grain: one row per patient and day on which something became known of them
with patients as (

    select
        patient_id,
        coalesce(guarantor_id, patient_id) as guarantor_id
    from {{ ref('stg_opendental__patients') }}

),

treatments as (

    select * from {{ ref('int_dental__treatments') }}
    where not is_utility

),

needs as (

    select * from {{ ref('ml_need_groups') }}

),

-- A break may be written down days after the visit; the as-of day knows it from then on.
breaks as (

    select
        appointment_id,
        cast(min(event_at) as date) as noted_date
    from {{ ref('stg_opendental__appointment_events') }}
    where appointment_action_code in (2, 3)
    group by appointment_id

),

-- Every outcome stands on the day at whose end it was known: an acceptance on its horizon's last.
measures as (

    select
        patient_id,
        cast(starts_at as date) as day,
        'kept' as measure,
        1 as amount
    from {{ ref('int_dental__appointments') }}
    where is_kept
    union all
    select
        appointments.patient_id,
        case
            when breaks.noted_date > cast(appointments.starts_at as date) then breaks.noted_date
            else cast(appointments.starts_at as date)
        end as day,
        'broken' as measure,
        1 as amount
    from {{ ref('int_dental__appointments') }} as appointments
    left join breaks on appointments.appointment_id = breaks.appointment_id
    where appointments.is_broken
    union all
    select
        patient_id,
        procedure_date as day,
        'done' as measure,
        1 as amount
    from treatments
    where is_completed
    union all
    select
        patient_id,
        procedure_date as day,
        'hygiene' as measure,
        1 as amount
    from treatments
    where is_completed and is_hygiene
    union all
    select
        patient_id,
        procedure_date as day,
        'done_amount' as measure,
        fee_amount as amount
    from treatments
    where is_completed
    union all
    select
        patient_id,
        horizon_date as day,
        'presented' as measure,
        1 as amount
    from {{ ref('int_dental__planned_treatments') }}
    where is_presented and horizon_date > treatment_planned_date
    union all
    select
        patient_id,
        horizon_date as day,
        'accepted' as measure,
        1 as amount
    from {{ ref('int_dental__planned_treatments') }}
    where is_presented and is_accepted
    union all
    select
        treatments.patient_id,
        treatments.treatment_planned_date as day,
        'needs' as measure,
        1 as amount
    from treatments
    inner join needs on treatments.procedure_category = needs.procedure_category
    where (treatments.is_planned or treatments.is_ever_completed)
    union all
    select
        patient_id,
        {{ add_days('service_date', 30) }} as day,
        'due' as measure,
        1 as amount
    from {{ ref('int_ml__procedure_payments') }}
    union all
    select
        patient_id,
        {{ add_days('service_date', 30) }} as day,
        'paid' as measure,
        1 as amount
    from {{ ref('int_ml__procedure_payments') }}
    where is_paid_30d
    union all
    select
        patient_id,
        transaction_date as day,
        'balance' as measure,
        amount
    from {{ ref('dental__fact_ledger') }}
    where is_on_account

),

final as (

    select
        measures.patient_id,
        patients.guarantor_id,
        {% for measure in patient_measures() %}
            sum(case when measures.measure = '{{ measure }}' then measures.amount else 0 end)
                as {{ measure }},
        {% endfor %}
        measures.day
    from measures
    inner join patients on measures.patient_id = patients.patient_id
    where measures.day <= {{ as_of() }}
    group by measures.patient_id, patients.guarantor_id, measures.day

)

select * from final
