with source as (

    select * from {{ source('raw_opendental', 'statement') }}

),

final as (

    select
        statementnum as statement_id,
        {{ none_id_to_null('patnum') }} as patient_id,
        {{ none_id_to_null('superfamily') }} as super_family_id,
        {{ empty_date_to_null('datesent') }} as sent_date,
        {{ flag_to_boolean('issent') }} as is_sent,
        mode_ as statement_mode_code,
        nullif({{ trimmed('statementtype') }}, '') as statement_type_code,
        {{ flag_to_boolean('isreceipt') }} as is_receipt,
        {{ flag_to_boolean('isinvoice') }} as is_invoice,
        {{ flag_to_boolean('isbalvalid') }} as is_balance_valid,
        {{ dental_amount('baltotal') }} as balance_total_amount,
        {{ dental_amount('insest') }} as insurance_estimate_amount,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
