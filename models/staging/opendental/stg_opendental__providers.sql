with source as (

    select * from {{ source('raw_opendental', 'provider') }}

),

final as (

    select
        provnum as provider_id,
        nullif({{ trimmed('abbr') }}, '') as abbreviation,
        itemorder as item_order,
        nullif({{ trimmed('lname') }}, '') as last_name,
        nullif({{ trimmed('fname') }}, '') as first_name,
        nullif({{ trimmed('preferredname') }}, '') as preferred_name,
        nullif({{ trimmed('suffix') }}, '') as name_suffix,
        nullif({{ trimmed('nationalprovid') }}, '') as npi,
        {{ none_id_to_null('feesched') }} as fee_schedule_id,
        {{ none_id_to_null('specialty') }} as specialty_definition_id,
        {{ flag_to_boolean('issecondary') }} as is_hygienist,
        {{ flag_to_boolean('isnotperson') }} as is_not_person,
        provstatus as provider_status_code,
        {{ flag_to_boolean('ishidden') }} as is_hidden,
        {{ flag_to_boolean('ishiddenreport') }} as is_hidden_on_reports,
        {{ none_id_to_null('provnumbillingoverride') }} as billing_provider_id,
        {{ dental_amount('hourlyprodgoalamt') }} as hourly_production_goal_amount,
        {{ empty_date_to_null('dateterm') }} as term_date,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
