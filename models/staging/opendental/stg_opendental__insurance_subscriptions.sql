with source as (

    select * from {{ source('raw_opendental', 'inssub') }}

),

final as (

    select
        inssubnum as insurance_subscription_id,
        {{ none_id_to_null('plannum') }} as insurance_plan_id,
        {{ none_id_to_null('subscriber') }} as subscriber_id,
        {{ empty_date_to_null('dateeffective') }} as effective_date,
        {{ empty_date_to_null('dateterm') }} as term_date,
        {{ flag_to_boolean('assignben') }} as is_benefit_assigned,
        {{ flag_to_boolean('releaseinfo') }} as is_release_signed,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
