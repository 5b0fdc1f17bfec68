with source as (

    select * from {{ source('raw_opendental', 'provider') }}

),

final as (

    select
        provnum as provider_id,
        nullif(trim(abbr), '') as abbreviation,
        itemorder as item_order,
        nullif(trim(lname), '') as last_name,
        nullif(trim(fname), '') as first_name,
        nullif(trim(preferredname), '') as preferred_name,
        nullif(trim(suffix), '') as name_suffix,
        nullif(trim(nationalprovid), '') as npi,
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
