with source as (

    select * from {{ source('raw_opendental', 'discountplansub') }}

),

final as (

    select
        discountsubnum as discount_plan_subscription_id,
        {{ none_id_to_null('discountplannum') }} as discount_plan_id,
        {{ none_id_to_null('patnum') }} as patient_id,
        {{ empty_date_to_null('dateeffective') }} as effective_date,
        {{ empty_date_to_null('dateterm') }} as term_date,
        _extracted_at
    from source
    where _deleted_at is null

)

select * from final
