-- grain: one row per day, provider and clinic that has any of the amounts
{%- set measures = [
    'gross_production', 'capitation_write_off', 'adjustments', 'write_offs_by_pay_date',
    'write_offs_by_procedure_date', 'write_offs_estimated_by_snapshot',
    'write_offs_adjusted_from_snapshot', 'scheduled_production', 'scheduled_discount',
    'patient_income', 'unearned_income', 'hidden_unearned', 'insurance_income_status_1_4',
    'insurance_income', 'insurance_unfinalized'
] %}
with ledger as (

    select * from {{ ref('dental__fact_ledger') }}

),

claim_procedures as (

    select * from {{ ref('dental__fact_claim_procedures') }}

),

procedures as (

    select * from {{ ref('dental__fact_procedures') }}

),

scheduled as (

    select * from {{ ref('int_dental__scheduled_production') }}

),

settings as (

    select * from {{ ref('int_dental__settings') }}

),

-- Each part is summed by itself: a small result of a big table.
ledger_days as (

    select
        income_date as day,
        provider_id,
        clinic_id,
        transaction_kind,
        is_received,
        is_unearned,
        is_hidden,
        sum(amount) as amount
    from ledger
    where income_date is not null
    group by
        income_date, provider_id, clinic_id, transaction_kind, is_received, is_unearned, is_hidden

),

parts as (

    select
        day,
        provider_id,
        clinic_id,
        case
            when transaction_kind = 'charge' then 'gross_production'
            when transaction_kind = 'adjustment' then 'adjustments'
            when transaction_kind = 'write_off' and is_received then 'write_offs_by_pay_date'
            when transaction_kind = 'insurance_payment' and is_received
                then 'insurance_income_status_1_4'
            when transaction_kind = 'patient_payment' and is_hidden then 'hidden_unearned'
            when transaction_kind = 'patient_payment' and is_unearned then 'unearned_income'
            when transaction_kind = 'patient_payment' then 'patient_income'
        end as measure,
        case when transaction_kind in ('charge', 'adjustment') then amount else -amount end
            as amount
    from ledger_days
    union all
    select
        day,
        provider_id,
        clinic_id,
        'insurance_income' as measure,
        -amount as amount
    from ledger_days
    where transaction_kind = 'insurance_payment'
    union all
    select
        procedure_date as day,
        provider_id,
        clinic_id,
        'capitation_write_off' as measure,
        sum(capitation_write_off_amount) as amount
    from procedures
    where is_completed and capitation_write_off_amount <> 0
    group by procedure_date, provider_id, clinic_id
    union all
    select
        service_date as day,
        provider_id,
        clinic_id,
        'write_offs_by_procedure_date' as measure,
        sum(write_off_amount) as amount
    from claim_procedures
    where (is_pending or is_received) and write_off_amount <> 0
    group by service_date, provider_id, clinic_id
    union all
    select
        snapshot_date as day,
        provider_id,
        clinic_id,
        'write_offs_estimated_by_snapshot' as measure,
        sum(snapshot_write_off_amount) as amount
    from claim_procedures
    where (is_pending or is_received) and snapshot_write_off_amount <> 0
    group by snapshot_date, provider_id, clinic_id
    union all
    select
        payment_date as day,
        provider_id,
        clinic_id,
        'write_offs_adjusted_from_snapshot' as measure,
        sum(coalesce(snapshot_write_off_amount, 0) - write_off_amount) as amount
    from claim_procedures
    where is_received and coalesce(snapshot_write_off_amount, 0) <> write_off_amount
    group by payment_date, provider_id, clinic_id
    union all
    select
        payment_date as day,
        provider_id,
        clinic_id,
        'insurance_unfinalized' as measure,
        sum(insurance_paid_amount) as amount
    from claim_procedures
    where
        is_money
        and not is_capitation_write_off
        and not is_transfer
        and claim_payment_id is null
        and insurance_paid_amount <> 0
    group by payment_date, provider_id, clinic_id
    union all
    select
        scheduled_date as day,
        provider_id,
        clinic_id,
        'scheduled_production' as measure,
        sum(scheduled_production_amount) as amount
    from scheduled
    group by scheduled_date, provider_id, clinic_id
    union all
    select
        scheduled_date as day,
        provider_id,
        clinic_id,
        'scheduled_discount' as measure,
        sum(scheduled_discount_amount) as amount
    from scheduled
    where scheduled_discount_amount <> 0
    group by scheduled_date, provider_id, clinic_id

),

summed as (

    select
        day,
        {% for measure in measures %}
            cast(
                sum(case when measure = '{{ measure }}' then amount else 0 end) as decimal(18, 2)
            ) as {{ measure }},
        {% endfor %}
        coalesce(provider_id, 0) as provider_id,
        coalesce(clinic_id, 0) as clinic_id
    from parts
    where day is not null and measure is not null
    group by day, coalesce(provider_id, 0), coalesce(clinic_id, 0)

),

final as (

    select
        summed.day,
        {{ is_over('summed.day', 'day') }} as is_complete,
        summed.provider_id,
        summed.clinic_id,
        {% for measure in measures %}
            summed.{{ measure }},
        {% endfor %}
        cast(
            case settings.write_off_mode
                when 0 then summed.write_offs_by_pay_date
                when 1 then summed.write_offs_by_procedure_date
                else
                    summed.write_offs_estimated_by_snapshot
                    - summed.write_offs_adjusted_from_snapshot
            end as decimal(18, 2)
        ) as write_offs,
        cast(
            summed.gross_production - summed.capitation_write_off + summed.adjustments
            - case settings.write_off_mode
                when 0 then summed.write_offs_by_pay_date
                when 1 then summed.write_offs_by_procedure_date
                else
                    summed.write_offs_estimated_by_snapshot
                    - summed.write_offs_adjusted_from_snapshot
            end as decimal(18, 2)
        ) as net_production,
        cast(
            summed.patient_income + summed.unearned_income + summed.insurance_income
            as decimal(18, 2)
        ) as total_income
    from summed
    cross join settings

)

select * from final
