-- grain: one row per patient and unearned type whose prepayments are not used up
with payment_splits as (

    select * from {{ ref('dental__fact_payment_splits') }}
    where is_unearned and coalesce(payment_date <= {{ as_of() }}, true)

),

patients as (

    select * from {{ ref('stg_opendental__patients') }}

),

summed as (

    select
        patient_id,
        unearned_type_definition_id,
        unearned_type_name,
        is_hidden,
        sum(case when split_amount > 0 then split_amount else 0 end) as received_amount,
        -sum(case when split_amount < 0 then split_amount else 0 end) as used_amount,
        sum(split_amount) as balance_amount,
        min(case when split_amount > 0 then payment_date end) as first_received_date,
        max(case when split_amount > 0 then payment_date end) as last_received_date
    from payment_splits
    group by patient_id, unearned_type_definition_id, unearned_type_name, is_hidden

),

final as (

    select
        coalesce(summed.patient_id, 0) as patient_id,
        patients.guarantor_id,
        summed.unearned_type_definition_id,
        summed.unearned_type_name,
        summed.is_hidden,
        cast(summed.received_amount as decimal(18, 2)) as received_amount,
        cast(summed.used_amount as decimal(18, 2)) as used_amount,
        cast(summed.balance_amount as decimal(18, 2)) as balance_amount,
        summed.first_received_date,
        summed.last_received_date,
        cast({{ dbt.datediff('summed.last_received_date', as_of(), 'day') }} as bigint)
            as days_since_received,
        {{ as_of() }} as as_of_date
    from summed
    left join patients on summed.patient_id = patients.patient_id
    where summed.balance_amount <> 0

)

select * from final
