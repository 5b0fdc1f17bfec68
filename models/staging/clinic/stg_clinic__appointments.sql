with source as (

    select * from {{ source('raw_clinic', 'appointments') }}

),

renamed as (

    select
        {{ book_id('appointment_id') }} as appointment_id,
        {{ book_id('patient_id') }} as patient_id,
        {{ book_id('physio_id') }} as physio_id,
        {{ tidy_text('status') }} as status_text,
        {{ normalize_label(tidy_text('status')) }} as status_label,
        {{ money('price_estimate') }} as price_estimate_amount,
        {{ tidy_text('price_estimate') }} is not null as has_price_text,
        {{ tidy_text('booked_at') }} is not null as has_booked_text,
        {{ tidy_text('appt_end') }} is not null as has_end_text,
        coalesce({{ is_day_only(tidy_text('appt_start')) }}, false) as is_day_only,
        {{ to_local(tidy_text('appt_start')) }} as starts_at,
        {{ to_local(tidy_text('appt_end')) }} as ends_at,
        {{ to_local(tidy_text('booked_at')) }} as booked_at,
        {{ to_utc(tidy_text('appt_start')) }} as starts_at_utc,
        {{ to_utc(tidy_text('appt_end')) }} as ends_at_utc,
        {{ to_utc(tidy_text('booked_at')) }} as booked_at_utc,
        {{ to_local(tidy_text('canceled_at')) }} as canceled_at,
        {{ to_utc(tidy_text('canceled_at')) }} as canceled_at_utc,
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
        {{ clinic_is_known('_drop_day', 'booked_at') }} as is_known
    from renamed

),

final as (

    select
        *,
        {{ copy_rank('appointment_id') }} as copy_rank
    from known

)

select * from final
