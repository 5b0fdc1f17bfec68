{#- The acceptance measures of a planning cohort, one row per set of key columns, from CTE `planned`
    (int_dental__planned_by_patient). Trap: patients are counted after summing over each patient, so
    that one patient with two plans in a month is one patient. -#}
{% macro acceptance_cohorts(keys) -%}
    {%- set measures = [
        'presented_amount', 'presented_with_deleted_amount', 'accepted_amount', 'same_day_amount',
        'completed_later_amount', 'scheduled_amount', 'case_presented_amount',
        'case_accepted_amount'
    ] -%}
    {%- set counts = [
        'presented_procedures', 'accepted_procedures', 'case_presented_procedures',
        'case_accepted_procedures'
    ] -%}
    select
        {{ keys | join(', ') }},
        {{ is_mature_month('planned_month', var('dental_acceptance_horizon_days')) }} as is_mature,
        {{ is_over('planned_month', 'month') }} as is_complete,
        {% for name in counts -%}
            cast(sum({{ name }}) as bigint) as {{ name }},
            cast(sum(case when {{ name }} > 0 then 1 else 0 end) as bigint)
                as {{ name | replace('procedures', 'patients') }},
        {% endfor -%}
        {% for name in measures -%}
            cast(sum({{ name }}) as decimal(18, 2)) as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from (
        select
            {{ keys | join(', ') }}, patient_id,
            {% for name in counts + measures -%}
                sum({{ name }}) as {{ name }}{{ ',' if not loop.last }}
            {% endfor %}
        from planned
        group by {{ keys | join(', ') }}, patient_id
    ) as per_patient
    group by {{ keys | join(', ') }}
{%- endmacro %}
