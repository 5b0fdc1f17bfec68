-- grain: one row per presented procedure, with what was known when it was planned
with planned as (

    select * from {{ ref('int_dental__planned_treatments') }}
    where is_presented and treatment_planned_date is not null

),

same_day as (

    select
        patient_id,
        treatment_planned_date,
        count(*) as planned_count,
        sum(fee_amount) as planned_amount
    from planned
    group by patient_id, treatment_planned_date

),

patient_days as (

    select * from {{ ref('int_ml__patient_days') }}

),

codes as (

    select * from {{ ref('stg_opendental__procedure_codes') }}

),

final as (

    select
        cast(planned.procedure_id as {{ dbt.type_string() }}) as entity_id,
        planned.procedure_id,
        planned.patient_id,
        planned.treatment_planned_date,
        cast(planned.treatment_planned_date as timestamp) as known_at,
        planned.fee_amount,
        cast(round(planned.fee_amount) as bigint) as fee,
        planned.procedure_category,
        codes.procedure_code,
        cast(codes.treatment_area_code as {{ dbt.type_string() }}) as treatment_area,
        cast(case when codes.is_hygiene then 1 else 0 end as bigint) as is_hygiene,
        cast(case when codes.is_multi_visit then 1 else 0 end as bigint) as is_multi_visit,
        cast(planned.provider_id as {{ dbt.type_string() }}) as provider_id,
        cast(planned.clinic_id as {{ dbt.type_string() }}) as clinic_id,
        cast(same_day.planned_count as bigint) as planned_together,
        cast(round(same_day.planned_amount) as bigint) as planned_together_amount,
        cast({{ iso_weekday('planned.treatment_planned_date') }} as bigint) as weekday,
        cast(extract(month from planned.treatment_planned_date) as bigint) as month_number,
        {{ person_features([
            'acceptance', 'household_acceptance', 'kept_rate', 'visits', 'balance', 'paid', 'needs'
        ]) }},
        patient_days.insurance_plans > 0 as is_insured,
        cast(patient_days.insurance_plans as bigint) as insurance_plans,
        cast(patient_days.age as bigint) as age,
        patient_days.age_band,
        patient_days.sex,
        case when patient_days.done = 0 then 'new' else 'known' end as patient_group,
        {{ acceptance_rate() }} as rule_score,
        not planned.is_completed and planned.horizon_date > {{ as_of() }} as is_open,
        case when planned.is_mature then planned.is_accepted end as is_accepted
    from planned
    inner join patient_days
        on
            planned.patient_id = patient_days.patient_id
            and planned.treatment_planned_date = patient_days.day
    inner join same_day
        on
            planned.patient_id = same_day.patient_id
            and planned.treatment_planned_date = same_day.treatment_planned_date
    left join codes on planned.procedure_code_id = codes.procedure_code_id

)

select * from final
