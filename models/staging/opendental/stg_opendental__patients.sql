with source as (

    select * from {{ source('raw_opendental', 'patient') }}

),

final as (

    select
        patnum as patient_id,
        {{ none_id_to_null('guarantor') }} as guarantor_id,
        {{ none_id_to_null('superfamily') }} as super_family_id,
        nullif({{ trimmed('lname') }}, '') as last_name,
        nullif({{ trimmed('fname') }}, '') as first_name,
        nullif({{ trimmed('preferred') }}, '') as preferred_name,
        {{ empty_date_to_null('birthdate') }} as birth_date,
        patstatus as patient_status_code,
        gender as gender_code,
        position as marital_status_code,
        {{ none_id_to_null('billingtype') }} as billing_type_definition_id,
        {{ none_id_to_null('priprov') }} as primary_provider_id,
        {{ none_id_to_null('secprov') }} as hygienist_id,
        {{ none_id_to_null('clinicnum') }} as clinic_id,
        {{ none_id_to_null('feesched') }} as fee_schedule_id,
        {{ none_id_to_null('employernum') }} as employer_id,
        {{ none_id_to_null('sitenum') }} as site_id,
        nullif({{ trimmed('city') }}, '') as city,
        nullif({{ trimmed('state') }}, '') as state,
        nullif({{ trimmed('zip') }}, '') as postal_code,
        nullif({{ trimmed('county') }}, '') as county,
        nullif({{ trimmed('hmphone') }}, '') as home_phone,
        nullif({{ trimmed('wkphone') }}, '') as work_phone,
        nullif({{ trimmed('wirelessphone') }}, '') as mobile_phone,
        nullif({{ trimmed('email') }}, '') as email,
        txtmsgok as text_message_consent_code,
        preferconfirmmethod as confirm_method_code,
        prefercontactmethod as contact_method_code,
        preferrecallmethod as recall_method_code,
        nullif({{ trimmed('language') }}, '') as language,
        {{ flag_to_boolean('premed') }} as needs_premedication,
        {{ empty_date_to_null('datefirstvisit') }} as first_visit_date,
        {{ empty_date_to_null('datetimedeceased') }} as deceased_at,
        nullif({{ trimmed('hasins') }}, '') as has_insurance_code,
        {{ dental_amount('estbalance') }} as estimated_balance_amount,
        {{ dental_amount('bal_0_30') }} as balance_0_30_amount,
        {{ dental_amount('bal_31_60') }} as balance_31_60_amount,
        {{ dental_amount('bal_61_90') }} as balance_61_90_amount,
        {{ dental_amount('balover90') }} as balance_over_90_amount,
        {{ dental_amount('baltotal') }} as balance_total_amount,
        {{ dental_amount('insest') }} as insurance_estimate_amount,
        {{ dental_amount('payplandue') }} as payment_plan_due_amount,
        {{ empty_date_to_null('secdateentry') }} as entry_date,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
