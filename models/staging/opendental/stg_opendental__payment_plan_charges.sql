with source as (

    select * from {{ source('raw_opendental', 'payplancharge') }}

),

final as (

    select
        payplanchargenum as payment_plan_charge_id,
        {{ none_id_to_null('payplannum') }} as payment_plan_id,
        {{ none_id_to_null('patnum') }} as patient_id,
        {{ none_id_to_null('guarantor') }} as guarantor_id,
        {{ none_id_to_null('provnum') }} as provider_id,
        {{ none_id_to_null('clinicnum') }} as clinic_id,
        {{ none_id_to_null('procnum') }} as procedure_id,
        chargetype as payment_plan_charge_type_code,
        {{ empty_date_to_null('chargedate') }} as charge_date,
        {{ dental_amount('principal') }} as principal_amount,
        {{ dental_amount('interest') }} as interest_amount,
        linktype as payment_plan_link_type_code,
        {{ none_id_to_null('fkey') }} as linked_id,
        {{ flag_to_boolean('isoffset') }} as is_offset,
        {{ empty_date_to_null('secdatetentry') }} as entry_at,
        secdatetedit as changed_at,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
