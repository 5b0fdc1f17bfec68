-- grain: one row per family account with anything on it
with ledger as (

    select
        *,
        {{ aging_bucket('transaction_date') }} as bucket
    from {{ ref('dental__fact_ledger') }}
    where is_on_account

),

patients as (

    select * from {{ ref('stg_opendental__patients') }}

),

charged as (

    select
        guarantor_id,
        {% for bucket in ['0_30', '31_60', '61_90', 'over_90'] %}
            sum(case when bucket = '{{ bucket }}' and is_aged_as_charge then amount else 0 end)
                as charged_{{ bucket }},
        {% endfor %}
        -sum(case when bucket is not null and not is_aged_as_charge then amount else 0 end)
            as credit,
        sum(amount) as balance_total,
        sum(case when bucket is not null then amount else 0 end) as balance_to_date,
        sum(insurance_estimate_amount) as insurance_payment_estimate,
        sum(write_off_estimate_amount) as write_off_estimate
    from ledger
    group by guarantor_id

),

-- Credits pay the oldest charges first; what is left of them lowers the total alone.
paid as (

    select
        *,
        {{ oldest_first() }}
    from charged

),

final as (

    select
        paid.guarantor_id,
        {{ as_of() }} as as_of_date,
        patients.clinic_id,
        patients.primary_provider_id as provider_id,
        patients.billing_type_definition_id,
        patients.patient_status_code,
        cast(paid.balance_0_30 as decimal(18, 2)) as balance_0_30,
        cast(paid.balance_31_60 as decimal(18, 2)) as balance_31_60,
        cast(paid.balance_61_90 as decimal(18, 2)) as balance_61_90,
        cast(paid.balance_over_90 as decimal(18, 2)) as balance_over_90,
        cast(paid.balance_total as decimal(18, 2)) as balance_total,
        cast(paid.balance_to_date as decimal(18, 2)) as balance_to_date,
        cast(paid.unapplied_credit as decimal(18, 2)) as unapplied_credit,
        cast(paid.insurance_payment_estimate as decimal(18, 2)) as insurance_payment_estimate,
        cast(paid.write_off_estimate as decimal(18, 2)) as write_off_estimate,
        cast(paid.insurance_payment_estimate + paid.write_off_estimate as decimal(18, 2))
            as insurance_estimate,
        cast(
            paid.balance_total - paid.insurance_payment_estimate - paid.write_off_estimate
            as decimal(18, 2)
        ) as patient_portion,
        paid.balance_0_30 + paid.balance_31_60 + paid.balance_61_90 + paid.balance_over_90
        >= 0.005 as is_on_aging_report,
        patients.balance_total_amount as stored_balance_total
    from paid
    left join patients on paid.guarantor_id = patients.patient_id

)

select * from final
