-- grain: one row per payment or refund
with payments as (

    select * from {{ ref('int_clinic__payments') }}

),

final as (

    select
        payment_id,
        appointment_id,
        patient_id,
        physio_id,
        paid_for,
        item,
        payment_method,
        amount < 0 as is_refund,
        amount,
        tax_amount,
        cast(paid_at as date) as payment_date,
        appointment_date,
        paid_at,
        _source_file,
        _source_row
    from payments

)

select * from final
