-- grain: one row per month and procedure category with completed treatment
with payments as (

    select * from {{ ref('int_dental__procedure_payments') }}

),

summed as (

    select
        cast(date_trunc('month', procedure_date) as date) as month,
        procedure_category,
        count(*) as completed_procedures,
        sum(case when is_insured then 1 else 0 end) as insured_procedures,
        sum(fee_amount) as production_amount,
        sum(case when is_insured then fee_amount else 0 end) as insured_production_amount,
        sum(capitation_write_off_amount) as capitation_write_off_amount,
        sum(insurance_paid_amount) as insurance_paid_amount,
        sum(write_off_amount) as write_off_amount,
        sum(adjustment_amount) as adjustment_amount,
        sum(patient_paid_amount) as patient_paid_amount
    from payments
    group by cast(date_trunc('month', procedure_date) as date), procedure_category

),

final as (

    select
        *,
        sum(production_amount) over (partition by month) as month_production_amount
    from summed

)

select * from final
