-- grain: one row per completed procedure with a fee, with what was known when it was done
with payments as (

    select * from {{ ref('int_ml__procedure_payments') }}

),

treatments as (

    select * from {{ ref('int_dental__treatments') }}
    where is_completed and not is_utility and fee_amount > 0

),

same_day as (

    select
        patient_id,
        procedure_date,
        count(*) as done_count,
        sum(fee_amount) as done_amount
    from treatments
    group by patient_id, procedure_date

),

patient_days as (

    select * from {{ ref('int_ml__patient_days') }}

),

final as (

    select
        cast(treatments.procedure_id as {{ dbt.type_string() }}) as entity_id,
        treatments.procedure_id,
        treatments.patient_id,
        treatments.procedure_date,
        cast(treatments.procedure_date as timestamp) as known_at,
        cast(round(treatments.fee_amount) as bigint) as fee,
        treatments.procedure_category,
        cast(case when treatments.is_hygiene then 1 else 0 end as bigint) as is_hygiene,
        cast(treatments.provider_id as {{ dbt.type_string() }}) as provider_id,
        cast(treatments.clinic_id as {{ dbt.type_string() }}) as clinic_id,
        cast(same_day.done_count as bigint) as done_together,
        cast(round(same_day.done_amount) as bigint) as done_together_amount,
        cast(
            {{ dbt.datediff(
                'treatments.treatment_planned_date', 'treatments.procedure_date', 'day'
            ) }}
            as bigint
        ) as days_since_planned,
        cast({{ iso_weekday('treatments.procedure_date') }} as bigint) as weekday,
        cast(extract(month from treatments.procedure_date) as bigint) as month_number,
        {{ person_features(['paid', 'household_paid', 'kept_rate', 'visits', 'balance']) }},
        patient_days.insurance_plans > 0 as is_insured,
        cast(patient_days.insurance_plans as bigint) as insurance_plans,
        cast(patient_days.age as bigint) as age,
        patient_days.age_band,
        patient_days.sex,
        case when patient_days.done = 0 then 'new' else 'known' end as patient_group,
        {{ paid_rate() }} as rule_score,
        payments.is_paid_30d is null as is_open,
        payments.is_fully_paid as fully_paid,
        case when payments.is_30d_over then payments.is_paid_30d end as paid_30d
    from treatments
    inner join payments on treatments.procedure_id = payments.procedure_id
    inner join patient_days
        on
            treatments.patient_id = patient_days.patient_id
            and treatments.procedure_date = patient_days.day
    inner join same_day
        on
            treatments.patient_id = same_day.patient_id
            and treatments.procedure_date = same_day.procedure_date

)

select * from final
