with source as (

    select * from {{ source('raw_opendental', 'employee') }}

),

final as (

    select
        employeenum as employee_id,
        nullif({{ trimmed('lname') }}, '') as last_name,
        nullif({{ trimmed('fname') }}, '') as first_name,
        {{ flag_to_boolean('ishidden') }} as is_hidden,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
