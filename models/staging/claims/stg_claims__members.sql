with source as (

    select * from {{ source('raw_claims', 'members') }}

),

final as (

    select
        {{ claims_id('member_id') }} as member_id,
        {{ tidy_text('name') }} as member_name,
        lower({{ tidy_text('gender') }}) as gender_text,
        {{ tidy_text('location') }} as location_text,
        {{ tidy_text('city') }} as city_text,
        {{ tidy_text('state') }} as state_text,
        case
            when {{ try_to('age', 'decimal(18, 6)') }} between 0 and 130
                then cast({{ try_to('age', 'decimal(18, 6)') }} as integer)
        end as stated_age,
        coalesce(abs({{ try_to('age', type_double()) }}) > 2147483647, false) as is_age_too_large,
        cast({{ claims_moment('birth_date') }} as date) as birth_date,
        {{ claims_day('coverage_start') }} as coverage_start_date,
        {{ claims_day('coverage_end') }} as coverage_end_date,
        {{ claims_text('payer') }} as payer,
        {{ claims_text('plan') }} as plan_name,
        {{ claims_moment('changed_at') }} as changed_at,
        _source_file,
        _source_row,
        _load_id,
        _extracted_at
    from source

)

select * from final
