{#- What is counted of a dental patient over time; int_ml__patient_events says what each is. -#}
{% macro patient_measures() -%}
    {{ return([
        'kept', 'broken', 'done', 'hygiene', 'done_amount', 'presented', 'accepted', 'needs', 'due',
        'paid', 'balance'
    ]) }}
{%- endmacro %}
