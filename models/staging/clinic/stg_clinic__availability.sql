with raw_rows as (

    select * from {{ source('raw_clinic', 'availability') }}

),

formats as (

    select * from {{ ref('clinic_file_formats') }}

),

source as (

    select
        raw_rows.*,
        formats.date_order,
        {{ clinic_moment('raw_rows.available_from') }} as available_from_text,
        {{ clinic_moment('raw_rows.available_to') }} as available_to_text
    from raw_rows
    left join formats on formats.table_name = 'availability'

),

renamed as (

    select
        {{ book_id('physio_id') }} as physio_id,
        {{ to_local('available_from_text') }} as available_from,
        {{ to_local('available_to_text') }} as available_to,
        {{ to_utc('available_from_text') }} as available_from_utc,
        {{ to_utc('available_to_text') }} as available_to_utc,
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
