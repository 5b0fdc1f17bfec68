with source as (

    select * from {{ source('raw_opendental', 'insplan') }}

),

final as (

    select
        plannum as insurance_plan_id,
        {{ none_id_to_null('carriernum') }} as carrier_id,
        {{ none_id_to_null('employernum') }} as employer_id,
        nullif({{ trimmed('groupname') }}, '') as group_name,
        nullif({{ trimmed('groupnum') }}, '') as group_number,
        nullif({{ trimmed('plantype') }}, '') as plan_type_code,
        {{ none_id_to_null('feesched') }} as fee_schedule_id,
        {{ none_id_to_null('copayfeesched') }} as copay_fee_schedule_id,
        {{ none_id_to_null('allowedfeesched') }} as allowed_fee_schedule_id,
        {{ none_id_to_null('manualfeeschednum') }} as manual_fee_schedule_id,
        monthrenew as renewal_month,
        cobrule as coordination_rule_code,
        {{ flag_to_boolean('ismedical') }} as is_medical,
        {{ flag_to_boolean('claimsuseucr') }} as is_billed_at_ucr,
        {{ none_id_to_null('filingcode') }} as filing_code_id,
        {{ flag_to_boolean('ishidden') }} as is_hidden,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
