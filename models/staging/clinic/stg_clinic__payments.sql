with source as (

    select * from {{ source('raw_clinic', 'payments') }}

),

renamed as (

    select
        {{ book_id('payment_id') }} as payment_id,
        {{ book_id('appointment_id') }} as appointment_id,
        {{ book_id('physio_id') }} as physio_id,
        {{ book_id('patient_id') }} as patient_id,
        {{ tidy_text('item') }} as item,
        {{ tidy_text('method') }} as payment_method,
        {{ money('amount') }} as amount,
        {{ money('tax_amount') }} as tax_amount,
        {{ tidy_text('tax_amount') }} is not null as has_tax_text,
        {{ to_local(tidy_text('paid_at')) }} as paid_at,
        _source_file,
        _source_row,
        _drop_day,
        _load_id,
        _extracted_at
    from source

),

known as (

    select
        *,
        {{ clinic_is_known('_drop_day', 'paid_at') }} as is_known
    from renamed

),

final as (

    select
        *,
        {{ copy_rank('payment_id') }} as copy_rank
    from known

)

select * from final
