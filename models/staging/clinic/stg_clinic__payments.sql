with source as (

    select * from {{ source('raw_clinic', 'payments') }}

),

renamed as (

    select
        {{ book_id('payment_id') }} as payment_id,
        {{ book_id('appointment_id') }} as appointment_id,
        {{ tidy_text('method') }} as payment_method,
        {{ money('amount') }} as amount,
        {{ to_local(tidy_text('paid_at')) }} as paid_at,
        _source_file,
        _source_row,
        _drop_day,
        _load_id,
        _extracted_at
    from source

),

final as (

    select
        *,
        {{ copy_rank('payment_id') }} as copy_rank
    from renamed

)

select * from final
