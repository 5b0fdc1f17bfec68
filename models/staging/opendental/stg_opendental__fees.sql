with source as (

    select * from {{ source('raw_opendental', 'fee') }}

),

final as (

    select
        feenum as fee_id,
        {{ none_id_to_null('feesched') }} as fee_schedule_id,
        {{ none_id_to_null('codenum') }} as procedure_code_id,
        {{ none_id_to_null('clinicnum') }} as clinic_id,
        {{ none_id_to_null('provnum') }} as provider_id,
        {{ blank_to_null('amount') }} as fee_amount,
        {{ empty_date_to_null('secdateentry') }} as entry_date,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
