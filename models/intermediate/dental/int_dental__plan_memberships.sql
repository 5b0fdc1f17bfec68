-- grain: one row per coverage of a patient by a subscription to an insurance plan
with patient_plans as (

    select * from {{ ref('stg_opendental__patient_plans') }}

),

subscriptions as (

    select * from {{ ref('stg_opendental__insurance_subscriptions') }}

),

newest_extract as (

    select * from {{ ref('stg_landing__newest_extract') }}

),

final as (

    select
        patient_plans.patient_plan_id,
        patient_plans.patient_id,
        patient_plans.insurance_subscription_id,
        subscriptions.insurance_plan_id,
        subscriptions.subscriber_id,
        patient_plans.ordinal,
        patient_plans.relationship_code,
        patient_plans.is_pending,
        subscriptions.effective_date,
        subscriptions.term_date,
        patient_plans._extracted_at,
        newest_extract.extracted_at as _seen_at
    from patient_plans
    cross join newest_extract
    left join subscriptions
        on patient_plans.insurance_subscription_id = subscriptions.insurance_subscription_id

)

select * from final
