-- Fails with each part of production and income that differs from its staged rows.
{%- set parts = [
    'gross_production', 'adjustments', 'write_offs_by_pay_date', 'write_offs_by_procedure_date',
    'insurance_income', 'all_patient_money'
] %}
with staged as (

    select
        'gross_production' as part,
        sum(unit_fee_amount * (unit_quantity + base_units)) as amount
    from {{ ref('stg_opendental__procedures') }}
    where
        procedure_status_code = 2
        and procedure_date is not null
        and {{ is_known(['entry_date', 'procedure_date']) }}
    union all
    select
        'adjustments' as part,
        sum(adjustment_amount) as amount
    from {{ ref('stg_opendental__adjustments') }}
    where adjustment_date is not null and {{ is_known(['entry_date', 'adjustment_date']) }}
    union all
    select
        'write_offs_by_pay_date' as part,
        sum(write_off_amount) as amount
    from {{ ref('stg_opendental__claim_procedures') }}
    where
        claim_procedure_status_code in (1, 4)
        and payment_date is not null
        and {{ is_known(['entry_date', 'payment_date']) }}
    union all
    select
        'write_offs_by_procedure_date' as part,
        sum(write_off_amount) as amount
    from {{ ref('stg_opendental__claim_procedures') }}
    where
        claim_procedure_status_code in (0, 1, 4)
        and service_date is not null
        and {{ is_known(['created_date', 'service_date']) }}
        and (claim_procedure_status_code <> 4 or {{ is_known(['entry_date', 'payment_date']) }})
    union all
    select
        'insurance_income' as part,
        sum(claim_procedures.insurance_paid_amount) as amount
    from {{ ref('stg_opendental__claim_procedures') }} as claim_procedures
    inner join {{ ref('stg_opendental__claim_payments') }} as claim_payments
        on claim_procedures.claim_payment_id = claim_payments.claim_payment_id
    where
        claim_payments.check_date is not null
        and {{ is_known(['claim_payments.entry_date', 'claim_payments.check_date']) }}
        and {{ is_known(['claim_procedures.entry_date', 'claim_procedures.payment_date']) }}
    union all
    select
        'all_patient_money' as part,
        sum(split_amount) as amount
    from {{ ref('stg_opendental__payment_splits') }}
    where
        payment_date is not null
        and not is_discount
        and {{ is_known(['entry_date', 'payment_date']) }}

),

marts as (

    {% for part in parts %}
        select
            '{{ part }}' as part,
            {% if part == 'all_patient_money' %}
                sum(patient_income + unearned_income + hidden_unearned) as amount
            {% else %}
                sum({{ part }}) as amount
            {% endif %}
        from {{ ref('dental__production_income_daily') }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    staged.part,
    staged.amount as staged_amount,
    marts.amount as mart_amount
from staged
inner join marts on staged.part = marts.part
where coalesce(staged.amount, 0) <> coalesce(marts.amount, 0)
