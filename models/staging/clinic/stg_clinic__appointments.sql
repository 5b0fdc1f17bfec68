with source as (

    select * from {{ source('raw_clinic', 'appointments') }}

),

renamed as (

    select
        {{ book_id('appointment_id') }} as appointment_id,
        {{ book_id('patient_id') }} as patient_id,
        {{ book_id('physio_id') }} as physio_id,
        lower({{ tidy_text('status') }}) as status,
        {{ money('price_estimate') }} as price_estimate_amount,
        {{ tidy_text('price_estimate') }} is not null as has_price_text,
        {{ tidy_text('booked_at') }} is not null as has_booked_text,
        {{ to_local(tidy_text('appt_start')) }} as starts_at,
        {{ to_local(tidy_text('appt_end')) }} as ends_at,
        {{ to_local(tidy_text('booked_at')) }} as booked_at,
        {{ to_utc(tidy_text('appt_start')) }} as starts_at_utc,
        {{ to_utc(tidy_text('appt_end')) }} as ends_at_utc,
        {{ to_utc(tidy_text('booked_at')) }} as booked_at_utc,
        {{ to_utc(tidy_text('canceled_at')) }} as canceled_at_utc,
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
        {{ copy_rank('appointment_id') }} as copy_rank
    from renamed

)

select * from final
