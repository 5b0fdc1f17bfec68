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
        asked.day is not null as is_asked
        {%- for measure in patient_measures() %},
        coalesce(events.{{ measure }}, 0) as {{ measure }}
        {%- endfor %}
    from events
    full outer join asked on events.patient_id = asked.patient_id and events.day = asked.day

),

running as (

    select
        patient_id,
        day,
        is_asked
        {%- for measure in patient_measures() %},
        coalesce(sum({{ measure }}) over (
            partition by patient_id order by day asc nulls last
            rows between unbounded preceding and 1 preceding
        ), 0) as {{ measure }}
        {%- endfor %}
        {%- for name, condition in [
            ('first_visit_date', 'done > 0'), ('last_visit_date', 'done > 0'),
            ('last_broken_date', 'broken > 0'), ('last_need_date', 'needs > 0'),
            ('last_hygiene_date', 'hygiene > 0')
        ] %},
        {{ 'min' if name.startswith('first') else 'max' }}(case when {{ condition }} then day end)
            over (
                partition by patient_id order by day asc nulls last
                rows between unbounded preceding and 1 preceding
            ) as {{ name }}
        {%- endfor %}
    from days

),

final as (

    select * from running
    where is_asked

)

select * from final
