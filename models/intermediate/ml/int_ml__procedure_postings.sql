-- grain: one row per completed procedure and day on which its balance moved, up to the as-of day
with procedures as (

    select * from {{ ref('dental__fact_procedures') }}
    where is_completed and procedure_date <= {{ as_of() }}

),

postings as (

    select
        procedure_id,
        procedure_date as posted_date,
        line_fee_amount - capitation_write_off_amount as amount
    from procedures
    union all
    select
        procedure_id,
        payment_date as posted_date,
        -insurance_paid_amount - write_off_amount as amount
    from {{ ref('dental__fact_claim_procedures') }}
    where is_received
    union all
    select
        procedure_id,
        adjustment_date as posted_date,
        adjustment_amount as amount
    from {{ ref('dental__fact_adjustments') }}
    union all
    select
        procedure_id,
        payment_date as posted_date,
        -split_amount as amount
    from {{ ref('dental__fact_payment_splits') }}
    where not is_hidden

),

-- What was paid ahead, or bears no date, counts at service.
dated as (

    select
        procedures.procedure_id,
        procedures.patient_id,
        procedures.procedure_date as service_date,
        case
            when postings.posted_date > procedures.procedure_date then postings.posted_date
            else procedures.procedure_date
        end as posted_date,
        postings.amount
    from procedures
    inner join postings on procedures.procedure_id = postings.procedure_id

),

final as (

    select
        procedure_id,
        patient_id,
        service_date,
        posted_date,
        sum(sum(amount)) over (
            partition by procedure_id order by posted_date asc nulls last
            rows between unbounded preceding and current row
        ) as balance_amount
    from dated
    where posted_date <= {{ as_of() }}
    group by procedure_id, patient_id, service_date, posted_date

)

select * from final
