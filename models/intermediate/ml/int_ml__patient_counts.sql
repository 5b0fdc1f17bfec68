-- grain: one row per patient and score: how often it went well, in how many cases of the window
with events as (

    select * from {{ ref('int_ml__patient_events') }}
    where day > {{ add_days(as_of(), -(var('ml_score_window_days') | int)) }}

),

hygiene as (

    select * from {{ ref('int_dental__hygiene_visits') }}
    where
        not is_periodontal_visit
        and {{ add_days('day', var('dental_hygiene_horizon_days')) }} <= {{ as_of() }}
        and day > {{ add_days(as_of(), -(var('ml_score_window_days') | int)) }}

),

visits as (

    select
        patient_id,
        floor({{ dbt.datediff('day', as_of(), 'day') }} / 182.5) as half_years_ago
    from {{ ref('int_ml__patient_events') }}
    where done > 0

),

-- A half-year counts from the first visit on, that of the first visit itself not.
regular as (

    select
        patient_id,
        count(distinct case when half_years_ago < 6 then half_years_ago end)
        - case when max(half_years_ago) < 6 then 1 else 0 end as hits,
        case when max(half_years_ago) > 6 then 6 else max(half_years_ago) end as trials
    from visits
    group by patient_id

),

households as (

    select
        guarantor_id,
        sum(kept + accepted + paid) as hits,
        sum(kept + broken + presented + due) as trials
    from events
    group by guarantor_id

),

own as (

    select
        patient_id,
        guarantor_id,
        sum(kept) as kept,
        sum(broken) as broken,
        sum(accepted) as accepted,
        sum(presented) as presented,
        sum(paid) as paid,
        sum(due) as due
    from events
    group by patient_id, guarantor_id

),

final as (

    select
        patient_id,
        'appointment_reliability' as score_name,
        kept as hits,
        kept + broken as trials
    from own
    union all
    select
        patient_id,
        'treatment_acceptance' as score_name,
        accepted as hits,
        presented as trials
    from own
    union all
    select
        patient_id,
        'payment' as score_name,
        paid as hits,
        due as trials
    from own
    union all
    select
        patient_id,
        'recall' as score_name,
        sum(case when is_retained then 1 else 0 end) as hits,
        count(*) as trials
    from hygiene
    group by patient_id
    union all
    select
        patient_id,
        'visit' as score_name,
        hits,
        trials
    from regular
    union all
    select
        own.patient_id,
        'household_pattern' as score_name,
        households.hits - own.kept - own.accepted - own.paid as hits,
        households.trials - own.kept - own.broken - own.presented - own.due as trials
    from own
    inner join households on own.guarantor_id = households.guarantor_id

)

select * from final
