with source as (

    select * from {{ source('raw_opendental', 'adjustment') }}

),

final as (

    select
        adjnum as adjustment_id,
        {{ none_id_to_null('patnum') }} as patient_id,
        {{ none_id_to_null('provnum') }} as provider_id,
        {{ none_id_to_null('clinicnum') }} as clinic_id,
        {{ none_id_to_null('procnum') }} as procedure_id,
        {{ none_id_to_null('adjtype') }} as adjustment_type_definition_id,
        {{ dental_amount('adjamt') }} as adjustment_amount,
        {{ empty_date_to_null('adjdate') }} as adjustment_date,
        {{ empty_date_to_null('procdate') }} as procedure_date,
        {{ empty_date_to_null('dateentry') }} as entry_date,
        {{ none_id_to_null('statementnum') }} as statement_id,
        {{ none_id_to_null('secusernumentry') }} as entry_user_id,
        secdatetedit as changed_at,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
