with source as (

    select * from {{ source('raw_claims', 'providers') }}

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
