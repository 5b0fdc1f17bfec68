with source as (

    select * from {{ source('raw_clinic', 'availability') }}

),

renamed as (

    select
        {{ book_id('physio_id') }} as physio_id,
        {{ to_local(tidy_text('available_from')) }} as available_from,
        {{ to_local(tidy_text('available_to')) }} as available_to,
        {{ to_utc(tidy_text('available_from')) }} as available_from_utc,
        {{ to_utc(tidy_text('available_to')) }} as available_to_utc,
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
        {{ clinic_is_known('_drop_day') }} as is_known,
        cast(available_from as date) as availability_date
    from renamed

)

select * from final
