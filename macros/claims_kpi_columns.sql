{#- The columns of int_claims__kpis that every report of it shows, in one order. -#}
{% macro claims_kpi_columns(relation) -%}
    {%- set rates = [
        'denial_rate', 'rejection_rate', 'pending_rate', 'first_pass_yield'
    ] -%}
    {%- set columns = [
        'claim_count', 'open_count', 'decided_count', 'denied_count', 'rejected_count',
        'first_pass_count', 'undated_count', 'amount', 'paid_amount', 'open_amount',
        'decided_amount', 'decided_paid_amount', 'denied_amount', 'rejected_amount',
        'reimbursement_rate', 'denied_amount_rate', 'rejected_amount_rate'
    ] -%}
    {%- for rate in rates -%}
        {%- do columns.extend([rate, rate ~ '_low', rate ~ '_high']) -%}
    {%- endfor -%}
    {%- for column in columns + ['is_small_sample', 'median_days', 'p90_days'] -%}
        {{ relation }}.{{ column }}{{ ',\n        ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
