with source as (

    select * from {{ source('raw_opendental', 'recall') }}

),

final as (

    select
        recallnum as recall_id,
        {{ none_id_to_null('patnum') }} as patient_id,
        {{ none_id_to_null('recalltypenum') }} as recall_type_id,
        {{ empty_date_to_null('datedue') }} as due_date,
        {{ empty_date_to_null('dateduecalc') }} as calculated_due_date,
        {{ empty_date_to_null('dateprevious') }} as previous_date,
        {{ empty_date_to_null('datescheduled') }} as scheduled_date,
        recallinterval as packed_interval,
        {{ none_id_to_null('recallstatus') }} as recall_status_definition_id,
        {{ flag_to_boolean('isdisabled') }} as is_disabled,
        {{ empty_date_to_null('disableuntildate') }} as disabled_until_date,
        {{ dental_amount('disableuntilbalance') }} as disabled_until_balance_amount,
        priority as recall_priority_code,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
