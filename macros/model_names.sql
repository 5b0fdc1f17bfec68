{#- The scorecards, in the order of their marts. Each has a feature mart, int_ml__<name>_scores and
    int_ml__<name>_reasons; a new one is added here and in feature_marts. -#}
{% macro model_names() -%}
    {{ return([
        'appointment_risk', 'booking_risk', 'attendance', 'procedure_acceptance', 'payment_compliance',
        'future_need'
    ]) }}
{%- endmacro %}
