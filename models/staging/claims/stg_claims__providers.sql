with raw_rows as (

    select * from {{ source('raw_claims', 'providers') }}

),

formats as (

    select * from {{ ref('stg_claims__file_formats') }}

),

source as (

    select
        raw_rows.*,
        formats.date_order
    from raw_rows
    left join formats on raw_rows._source_file = formats._source_file

),

final as (

    select
        {{ claims_id('provider_id') }} as provider_id,
        {{ tidy_text('name') }} as provider_name,
        {{ tidy_text('specialty') }} as specialty,
        {{ tidy_text('city') }} as city,
        {{ claims_moment('changed_at') }} as changed_at,
        _source_file,
        _source_row,
        _load_id,
        _extracted_at
    from source

)

select * from final
