{#- Whether a row of the practice's tables was known on the as-of day, by the days that each kind of row
    has. Trap: the same rule decides what counts in the facts and what their accounting sets aside.
    `table`: whose columns they are, where a query has several. -#}
{% macro dental_is_known(kind, table=none) -%}
    {%- set days = {
        'procedure': ['created_at', 'treatment_planned_date', 'procedure_date', 'entry_date'],
        'claim_procedure': ['created_date', 'service_date'],
        'insurance_payment': ['entry_date', 'payment_date'],
        'patient_payment': ['entry_date', 'payment_date'],
        'adjustment': ['entry_date', 'adjustment_date'],
    }[kind] -%}
    {%- set columns = [] -%}
    {%- for day in days -%} {%- do columns.append((table ~ '.' if table else '') ~ day) -%} {%- endfor -%}
    {{ return(is_known(columns)) }}
{%- endmacro %}
