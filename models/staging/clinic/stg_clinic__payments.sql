with raw_rows as (

    select * from {{ source('raw_clinic', 'payments') }}

),

formats as (

    select * from {{ ref('clinic_file_formats') }}

),

source as (

    select
        raw_rows.*,
        formats.decimal_mark,
        {{ clinic_moment('raw_rows.paid_at') }} as paid_at_text
    from raw_rows
    left join formats on formats.table_name = 'payments'

),

renamed as (

    select
        {{ book_id('payment_id') }} as payment_id,
        {{ book_id('appointment_id') }} as appointment_id,
        {{ book_id('physio_id') }} as physio_id,
        {{ book_id('patient_id') }} as patient_id,
        {{ tidy_text('item') }} as item,
        {{ tidy_text('method') }} as payment_method,
        {{ money('amount', "coalesce(decimal_mark, '.')") }} as amount,
        {{ money('tax_amount', "coalesce(decimal_mark, '.')") }} as tax_amount,
        {{ tidy_text('tax_amount') }} is not null as has_tax_text,
        {{ to_local('paid_at_text') }} as paid_at,
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
