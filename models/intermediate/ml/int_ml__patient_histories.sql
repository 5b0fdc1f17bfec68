-- grain: one row per patient and day before which something is asked: what had become known by then
with events as (

    select * from {{ ref('int_ml__patient_events') }}

),

asked as (

    select * from {{ ref('int_ml__asked_days') }}

),

days as (

    select
        coalesce(events.patient_id, asked.patient_id) as patient_id,
        coalesce(events.day, asked.day) as day,
        {% for measure in patient_measures() %}
            coalesce(events.{{ measure }}, 0) as {{ measure }},
        {% endfor %}
        asked.day is not null as is_asked
    from events
    full outer join asked on events.patient_id = asked.patient_id and events.day = asked.day

),

running as (

    select
        patient_id,
        day,
        {% for measure in patient_measures() %}
            coalesce(sum({{ measure }}) over (
                partition by patient_id order by day asc nulls last
                rows between unbounded preceding and 1 preceding
            ), 0) as {{ measure }},
        {% endfor %}
        min(case when done > 0 then day end) over (
            partition by patient_id order by day asc nulls last
            rows between unbounded preceding and 1 preceding
        ) as first_visit_date,
        {% for name, measure in [
            ('visit', 'done'), ('broken', 'broken'), ('need', 'needs'), ('hygiene', 'hygiene')
        ] %}
            max(case when {{ measure }} > 0 then day end) over (
                partition by patient_id order by day asc nulls last
                rows between unbounded preceding and 1 preceding
            ) as last_{{ name }}_date,
        {% endfor %}
        is_asked
    from days

),

final as (

    select * from running
    where is_asked

)

select * from final
