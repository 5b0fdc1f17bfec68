{{ config(meta={'domains': ['clinic']}) }}
-- Fails with each factor or status that the SQL names and its seed lacks.
{%- set named = [
    ('clinic_priority_weights', 'factor', 'new_patient'),
    ('clinic_priority_weights', 'factor', 'risk'),
    ('clinic_priority_weights', 'factor', 'missing_phone'),
    ('clinic_priority_weights', 'factor', 'missing_consent'),
    ('clinic_priority_weights', 'factor', 'early_or_late_slot'),
    ('clinic_risk_points', 'factor', 'clinic_visits'),
    ('clinic_risk_points', 'factor', 'new_patient'),
    ('clinic_risk_points', 'factor', 'early_or_late_slot'),
    ('clinic_risk_points', 'factor', 'monday'),
    ('clinic_risk_points', 'factor', 'at_most'),
    ('clinic_appointment_statuses', 'status', 'booked'),
    ('clinic_appointment_statuses', 'status', 'completed'),
    ('clinic_appointment_statuses', 'status', 'no_show'),
    ('clinic_appointment_statuses', 'status', 'canceled'),
    ('clinic_appointment_statuses', 'status', 'UNMAPPED'),
    ('clinic_appointment_statuses', 'status', 'no_booking'),
    ('reporting_rules', 'rule', 'small_sample_below'),
    ('reporting_rules', 'rule', 'interval_z'),
] %}
with counted as (

    {% for seed, code_column, code in named %}
        {{ 'union all' if not loop.first }}
        select
            '{{ seed }}' as seed_name,
            '{{ code }}' as code,
            count(*) as found_count
        from {{ ref(seed) }}
        where {{ code_column }} = '{{ code }}'
    {% endfor %}
)

select * from counted
where found_count <> 1
