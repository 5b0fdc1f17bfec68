{#- The scorecards of the clinic, of the practice, or all, in the order of their marts. Each has a feature
    mart, int_ml__<name>_scores and int_ml__<name>_reasons; a new one is added here and in feature_marts. -#}
{% macro model_names(room=none) -%}
    {%- set rooms = {
        'clinic': ['appointment_risk', 'booking_risk'],
        'dental': ['attendance', 'procedure_acceptance', 'payment_compliance', 'future_need'],
    } -%}
    {{ return(rooms[room] if room else rooms['clinic'] + rooms['dental']) }}
{%- endmacro %}
