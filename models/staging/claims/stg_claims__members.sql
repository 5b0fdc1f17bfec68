with raw_rows as (

    select * from {{ source('raw_claims', 'members') }}

),

formats as (

    select * from {{ ref('stg_claims__file_formats') }}

),

source as (

    select
        raw_rows.*,
        formats.date_order,
        formats.decimal_mark
    from raw_rows
    left join formats on raw_rows._source_file = formats._source_file

),

final as (

    select
        {{ claims_id('member_id') }} as member_id,
        {{ tidy_text('name') }} as member_name,
        lower({{ tidy_text('gender') }}) as gender_text,
        {{ tidy_text('location') }} as location_text,
        cast({{ try_to('age', 'decimal(18, 6)') }} as integer) as stated_age,
        cast({{ claims_moment('birth_date') }} as date) as birth_date,
        cast({{ claims_moment('coverage_start') }} as date) as coverage_start_date,
        cast({{ claims_moment('coverage_end') }} as date) as coverage_end_date,
        _source_file,
        _source_row,
        _load_id,
        _extracted_at
    from source

)

select * from final
