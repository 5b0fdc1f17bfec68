-- grain: one row per household and day before which something is asked: what was known of all
with events as (

    select
        guarantor_id,
        {% for measure in patient_measures() %}
            sum({{ measure }}) as {{ measure }},
        {% endfor %}
        day
    from {{ ref('int_ml__patient_events') }}
    group by guarantor_id, day

),

asked as (

    select
        guarantor_id,
        day
    from {{ ref('int_ml__asked_days') }}
    group by guarantor_id, day

),

days as (

    select
        coalesce(events.guarantor_id, asked.guarantor_id) as guarantor_id,
        coalesce(events.day, asked.day) as day,
        {% for measure in patient_measures() %}
            coalesce(events.{{ measure }}, 0) as {{ measure }},
        {% endfor %}
        asked.day is not null as is_asked
    from events
    full outer join asked
        on events.guarantor_id = asked.guarantor_id and events.day = asked.day

),

running as (

    select
        guarantor_id,
        day,
        {% for measure in patient_measures() %}
            coalesce(sum({{ measure }}) over (
                partition by guarantor_id order by day asc nulls last
                rows between unbounded preceding and 1 preceding
            ), 0) as {{ measure }},
        {% endfor %}
        is_asked
    from days

),

final as (

    select * from running
    where is_asked

)

select * from final
