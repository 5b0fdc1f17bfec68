with source as (

    select * from {{ source('raw_opendental', 'claimsnapshot') }}

),

final as (

    select
        claimsnapshotnum as claim_snapshot_id,
        {{ none_id_to_null('claimprocnum') }} as claim_procedure_id,
        {{ none_id_to_null('procnum') }} as procedure_id,
        nullif({{ trimmed('claimtype') }}, '') as claim_type_code,
        snapshottrigger as snapshot_trigger_code,
        {{ empty_date_to_null('datetentry') }} as entry_at,
        {{ dental_amount('fee') }} as fee_amount,
        {{ dental_amount('inspayest') }} as insurance_estimate_amount,
        {{ blank_to_null('writeoff') }} as write_off_amount,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
