-- grain: one row per kind of transaction and source row
with procedures as (

    select * from {{ ref('dental__fact_procedures') }}

),

claim_procedures as (

    -- OpenDental ages payment and write-off of a claim procedure as one row, by their joint sign.
    select
        *,
        -case when is_on_account and payment_plan_id is null then insurance_paid_amount else 0 end
        - case when is_on_account then write_off_amount else 0 end as aged_amount
    from {{ ref('dental__fact_claim_procedures') }}

),

adjustments as (

    select * from {{ ref('dental__fact_adjustments') }}

),

payment_splits as (

    select * from {{ ref('dental__fact_payment_splits') }}

),

payment_plan_transactions as (

    select * from {{ ref('int_dental__payment_plan_transactions') }}

),

settings as (

    select * from {{ ref('int_dental__settings') }}

),

patients as (

    select
        patient_id,
        guarantor_id
    from {{ ref('stg_opendental__patients') }}

),

transactions as (

    select
        'charge' as transaction_kind,
        'procedurelog' as source_table,
        procedure_id as source_id,
        patient_id,
        provider_id,
        clinic_id,
        procedure_id,
        cast(null as bigint) as payment_plan_id,
        procedure_date as transaction_date,
        procedure_date as income_date,
        procedure_date as service_date,
        entry_date,
        line_fee_amount as amount,
        line_fee_amount as aged_amount,
        0 as insurance_estimate_amount,
        0 as write_off_estimate_amount,
        true as is_on_account,
        cast(null as boolean) as is_received,
        false as is_unearned,
        false as is_hidden
    from procedures
    where is_completed and line_fee_amount <> 0
    union all
    select
        'insurance_payment' as transaction_kind,
        'claimproc' as source_table,
        claim_procedure_id as source_id,
        patient_id,
        provider_id,
        clinic_id,
        procedure_id,
        payment_plan_id,
        payment_date as transaction_date,
        check_date as income_date,
        service_date,
        entry_date,
        -insurance_paid_amount as amount,
        aged_amount,
        0 as insurance_estimate_amount,
        0 as write_off_estimate_amount,
        is_on_account and payment_plan_id is null as is_on_account,
        is_received,
        false as is_unearned,
        false as is_hidden
    from claim_procedures
    where insurance_paid_amount <> 0 and (is_money or claim_payment_id is not null)
    union all
    select
        case when is_capitation_write_off then 'capitation_write_off' else 'write_off' end
            as transaction_kind,
        'claimproc' as source_table,
        claim_procedure_id as source_id,
        patient_id,
        provider_id,
        clinic_id,
        procedure_id,
        payment_plan_id,
        payment_date as transaction_date,
        case when not is_capitation_write_off then payment_date end as income_date,
        service_date,
        entry_date,
        -write_off_amount as amount,
        aged_amount,
        0 as insurance_estimate_amount,
        0 as write_off_estimate_amount,
        is_on_account,
        is_received,
        false as is_unearned,
        false as is_hidden
    from claim_procedures
    where write_off_amount <> 0 and is_money
    union all
    select
        'insurance_pending' as transaction_kind,
        'claimproc' as source_table,
        claim_procedure_id as source_id,
        patient_id,
        provider_id,
        clinic_id,
        procedure_id,
        payment_plan_id,
        payment_date as transaction_date,
        cast(null as date) as income_date,
        service_date,
        entry_date,
        0 as amount,
        0 as aged_amount,
        insurance_estimate_amount,
        write_off_amount as write_off_estimate_amount,
        is_account_row as is_on_account,
        is_received,
        false as is_unearned,
        false as is_hidden
    from claim_procedures
    where is_pending and (insurance_estimate_amount <> 0 or write_off_amount <> 0)
    union all
    select
        'adjustment' as transaction_kind,
        'adjustment' as source_table,
        adjustment_id as source_id,
        patient_id,
        provider_id,
        clinic_id,
        procedure_id,
        cast(null as bigint) as payment_plan_id,
        adjustment_date as transaction_date,
        adjustment_date as income_date,
        procedure_date as service_date,
        entry_date,
        adjustment_amount as amount,
        adjustment_amount as aged_amount,
        0 as insurance_estimate_amount,
        0 as write_off_estimate_amount,
        true as is_on_account,
        cast(null as boolean) as is_received,
        false as is_unearned,
        false as is_hidden
    from adjustments
    where adjustment_amount <> 0
    union all
    select
        'patient_payment' as transaction_kind,
        'paysplit' as source_table,
        payment_splits.payment_split_id as source_id,
        payment_splits.patient_id,
        payment_splits.provider_id,
        payment_splits.clinic_id,
        payment_splits.procedure_id,
        payment_splits.payment_plan_id,
        payment_splits.payment_date as transaction_date,
        case when not payment_splits.is_discount then payment_splits.payment_date end
            as income_date,
        cast(null as date) as service_date,
        payment_splits.entry_date,
        -payment_splits.split_amount as amount,
        -payment_splits.split_amount as aged_amount,
        0 as insurance_estimate_amount,
        0 as write_off_estimate_amount,
        not payment_splits.is_hidden and (
            settings.payment_plan_version in (2, 4) or payment_splits.payment_plan_id is null
        ) as is_on_account,
        cast(null as boolean) as is_received,
        payment_splits.is_unearned,
        payment_splits.is_hidden
    from payment_splits
    cross join settings
    where payment_splits.split_amount <> 0
    union all
    select
        transaction_kind,
        source_table,
        source_id,
        patient_id,
        provider_id,
        clinic_id,
        procedure_id,
        payment_plan_id,
        transaction_date,
        cast(null as date) as income_date,
        cast(null as date) as service_date,
        entry_date,
        amount,
        amount as aged_amount,
        0 as insurance_estimate_amount,
        0 as write_off_estimate_amount,
        is_on_account,
        cast(null as boolean) as is_received,
        false as is_unearned,
        false as is_hidden
    from payment_plan_transactions

),

final as (

    select
        transactions.transaction_kind || '-'
        || cast(transactions.source_id as {{ dbt.type_string() }}) as ledger_key,
        transactions.transaction_kind,
        transactions.source_table,
        transactions.source_id,
        transactions.patient_id,
        patients.guarantor_id,
        transactions.provider_id,
        transactions.clinic_id,
        transactions.procedure_id,
        transactions.payment_plan_id,
        transactions.transaction_date,
        transactions.income_date,
        transactions.service_date,
        transactions.entry_date,
        cast(transactions.amount as decimal(18, 2)) as amount,
        cast(transactions.insurance_estimate_amount as decimal(18, 2))
            as insurance_estimate_amount,
        cast(transactions.write_off_estimate_amount as decimal(18, 2))
            as write_off_estimate_amount,
        transactions.is_on_account and patients.patient_id is not null as is_on_account,
        transactions.aged_amount > 0 as is_aged_as_charge,
        transactions.is_received,
        transactions.is_unearned,
        transactions.is_hidden
    from transactions
    left join patients on transactions.patient_id = patients.patient_id

)

select * from final
