with source as (

    select * from {{ source('raw_opendental', 'codegroup') }}

),

final as (

    select
        codegroupnum as code_group_id,
        nullif({{ trimmed('groupname') }}, '') as code_group_name,
        nullif({{ trimmed('proccodes') }}, '') as procedure_codes_text,
        codegroupfixed as fixed_code_group_code,
        itemorder as item_order,
        {{ flag_to_boolean('ishidden') }} as is_hidden,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
