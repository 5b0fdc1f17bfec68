with source as (

    select * from {{ source('raw_clinic', 'patients') }}

),

renamed as (

    select
        {{ book_id('patient_id') }} as patient_id,
        {{ tidy_text('first_name') }} as first_name,
        {{ tidy_text('last_name') }} as last_name,
        {{ tidy_text('phone') }} as phone,
        {{ tidy_text('email') }} as email,
        lower({{ tidy_text('consent_form_received') }}) as consent_code,
        {{ to_local(tidy_text('created_at')) }} as created_at,
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
        {{ clinic_is_known('_drop_day', 'created_at') }} as is_known
    from renamed

),

final as (

    select
        *,
        {{ copy_rank('patient_id') }} as copy_rank
    from known

)

select * from final
