with source as (

    select * from {{ source('raw_opendental', 'paysplit') }}

),

final as (

    select
        splitnum as payment_split_id,
        {{ none_id_to_null('paynum') }} as payment_id,
        {{ none_id_to_null('patnum') }} as patient_id,
        {{ none_id_to_null('provnum') }} as provider_id,
        {{ none_id_to_null('clinicnum') }} as clinic_id,
        {{ none_id_to_null('procnum') }} as procedure_id,
        {{ none_id_to_null('adjnum') }} as adjustment_id,
        {{ none_id_to_null('payplannum') }} as payment_plan_id,
        {{ none_id_to_null('payplanchargenum') }} as payment_plan_charge_id,
        {{ none_id_to_null('unearnedtype') }} as unearned_type_definition_id,
        {{ dental_amount('splitamt') }} as split_amount,
        {{ empty_date_to_null('datepay') }} as payment_date,
        {{ empty_date_to_null('dateentry') }} as entry_date,
        {{ flag_to_boolean('isdiscount') }} as is_discount,
        payplandebittype as payment_plan_debit_type_code,
        {{ none_id_to_null('secusernumentry') }} as entry_user_id,
        secdatetedit as changed_at,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
