with source as (

    select * from {{ source('raw_claims', 'members') }}

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
