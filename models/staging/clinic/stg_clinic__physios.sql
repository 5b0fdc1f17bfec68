with source as (

    select * from {{ source('raw_clinic', 'physios') }}

),

renamed as (

    select
        {{ book_id('physio_id') }} as physio_id,
        {{ tidy_text('full_name') }} as physio_name,
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
        {{ clinic_is_known('_drop_day') }} as is_known
    from renamed

),

final as (

    select
        *,
        {{ copy_rank('physio_id') }} as copy_rank
    from known

)

select * from final
