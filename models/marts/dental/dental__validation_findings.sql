-- grain: one row per kind of finding and source row
with day_sheet as (

    select * from {{ ref('dental__payment_day_sheet') }}

),

payment_splits as (

    select * from {{ ref('dental__fact_payment_splits') }}

),

claim_procedures as (

    select * from {{ ref('dental__fact_claim_procedures') }}

),

claim_payments as (

    select * from {{ ref('stg_opendental__claim_payments') }}
    where {{ is_known(['entry_date', 'check_date']) }}

),

procedures as (

    select * from {{ ref('dental__fact_procedures') }}

),

ledger as (

    select * from {{ ref('dental__fact_ledger') }}

),

aging as (

    select * from {{ ref('dental__accounts_receivable_aging') }}

),

settings as (

    select * from {{ ref('int_dental__settings') }}

),

unreadable_amounts as (

    select * from {{ ref('stg_opendental__unreadable_amounts') }}

),

check_lines as (

    select
        claim_payment_id,
        sum(insurance_paid_amount) as amount
    from claim_procedures
    where claim_payment_id is not null
    group by claim_payment_id

),

findings as (

    select
        'payment is not the sum of its splits' as finding,
        'payment' as source_table,
        source_id,
        stated_amount,
        amount as found_amount
    from day_sheet
    where paid_by = 'patient' and stated_amount <> amount
    union all
    select
        'check is not the sum of its lines' as finding,
        'claimpayment' as source_table,
        claim_payments.claim_payment_id as source_id,
        claim_payments.check_amount as stated_amount,
        coalesce(check_lines.amount, 0) as found_amount
    from claim_payments
    left join check_lines on claim_payments.claim_payment_id = check_lines.claim_payment_id
    where
        not claim_payments.is_partial
        and claim_payments.check_amount <> coalesce(check_lines.amount, 0)
    union all
    select
        'split has no payment' as finding,
        'paysplit' as source_table,
        payment_split_id as source_id,
        split_amount as stated_amount,
        cast(null as decimal(18, 2)) as found_amount
    from payment_splits
    where is_without_payment
    union all
    select
        'split is not on the day of its payment' as finding,
        'paysplit' as source_table,
        payment_split_id as source_id,
        split_amount as stated_amount,
        cast(null as decimal(18, 2)) as found_amount
    from payment_splits
    where not is_without_payment and payment_date is distinct from payment_posted_date
    union all
    select
        'line names a check that is not there' as finding,
        'claimproc' as source_table,
        claim_procedures.claim_procedure_id as source_id,
        claim_procedures.insurance_paid_amount as stated_amount,
        cast(null as decimal(18, 2)) as found_amount
    from claim_procedures
    left join claim_payments
        on claim_procedures.claim_payment_id = claim_payments.claim_payment_id
    where
        claim_procedures.claim_payment_id is not null
        and claim_payments.claim_payment_id is null
    union all
    select
        'completed procedure has a quantity below 1' as finding,
        'procedurelog' as source_table,
        procedure_id as source_id,
        unit_fee_amount as stated_amount,
        line_fee_amount as found_amount
    from procedures
    where is_completed and quantity < 1 and unit_fee_amount <> 0
    union all
    select
        'transaction of a patient who is not there: ' || transaction_kind as finding,
        source_table,
        source_id,
        amount as stated_amount,
        cast(null as decimal(18, 2)) as found_amount
    from ledger
    where guarantor_id is null
    union all
    select
        'money without a day: ' || transaction_kind as finding,
        source_table,
        source_id,
        amount as stated_amount,
        cast(null as decimal(18, 2)) as found_amount
    from ledger
    where amount <> 0 and transaction_date is null
    union all
    select
        'money without a day: ' || case
            when paid_by = 'patient' then 'payment'
            else 'check'
        end as finding,
        case when paid_by = 'patient' then 'payment' else 'claimpayment' end as source_table,
        source_id,
        stated_amount,
        amount as found_amount
    from day_sheet
    where day is null and (stated_amount <> 0 or amount <> 0)
    union all
    select
        'family balance is not the one the program stored' as finding,
        'patient' as source_table,
        aging.guarantor_id as source_id,
        aging.stored_balance_total as stated_amount,
        aging.balance_total as found_amount
    from aging
    cross join settings
    where
        settings.last_aging_date = aging.as_of_date
        and aging.stored_balance_total <> aging.balance_total
    union all
    select
        'cell holds what no amount can be: ' || column_name as finding,
        source_table,
        source_id,
        cast(null as decimal(18, 2)) as stated_amount,
        cast(null as decimal(18, 2)) as found_amount
    from unreadable_amounts

),

final as (

    select
        finding,
        source_table,
        source_id,
        cast(stated_amount as decimal(18, 2)) as stated_amount,
        cast(found_amount as decimal(18, 2)) as found_amount
    from findings

)

select * from final
