with source as (

    select * from {{ source('raw_opendental', 'treatplan') }}

),

final as (

    select
        treatplannum as treatment_plan_id,
        {{ none_id_to_null('patnum') }} as patient_id,
        {{ empty_date_to_null('datetp') }} as treatment_plan_date,
        tpstatus as treatment_plan_status_code,
        tptype as treatment_plan_type_code,
        {{ none_id_to_null('usernumpresenter') }} as presenter_user_id,
        {{ none_id_to_null('secusernumentry') }} as entry_user_id,
        {{ empty_date_to_null('secdateentry') }} as entry_date,
        {{ empty_date_to_null('datetsigned') }} as signed_at,
        {{ empty_date_to_null('datetpracticesigned') }} as practice_signed_at,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
