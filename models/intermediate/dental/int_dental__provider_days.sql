-- grain: one row per day and provider with scheduled time, an appointment or completed treatment
{%- set booked_measures = [
    'appointment_count', 'kept_count', 'broken_count', 'booked_minutes', 'booked_provider_minutes',
    'kept_minutes', 'broken_minutes', 'booked_outside_provider_minutes',
    'kept_outside_provider_minutes'
] %}
with open_time as (

    select * from {{ ref('int_dental__provider_open_minutes') }}
    where day <= {{ as_of() }}

),

booked as (

    select * from {{ ref('int_dental__booked_minutes') }}

),

-- A mark of a broken appointment or a note makes nobody's working day.
treatments as (

    select * from {{ ref('int_dental__treatments') }}
    where is_completed and not is_utility

),

visits as (

    select
        procedure_date,
        provider_id,
        patient_id,
        sum(fee_amount) as production_amount
    from treatments
    group by procedure_date, provider_id, patient_id

),

parts as (

    select
        day,
        provider_id,
        open_minutes,
        {% for measure in booked_measures %}
            0 as {{ measure }},
        {% endfor %}
        0 as visits,
        0 as production_amount
    from open_time
    union all
    select
        day,
        provider_id,
        0 as open_minutes,
        {% for measure in booked_measures %}
            {{ measure }},
        {% endfor %}
        0 as visits,
        0 as production_amount
    from booked
    union all
    select
        procedure_date as day,
        provider_id,
        0 as open_minutes,
        {% for measure in booked_measures %}
            0 as {{ measure }},
        {% endfor %}
        1 as visits,
        production_amount
    from visits

),

final as (

    select
        day,
        provider_id,
        cast(sum(open_minutes) as bigint) as open_minutes,
        {% for measure in booked_measures %}
            cast(sum({{ measure }}) as bigint)
                as {{ measure | replace('_outside_provider_', '_outside_') }},
        {% endfor %}
        cast(sum(visits) as bigint) as visits,
        cast(sum(production_amount) as decimal(18, 2)) as gross_production_amount
    from parts
    group by day, provider_id

)

select * from final
