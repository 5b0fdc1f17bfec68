-- grain: one row per patient and day on which treatment was done
with treatments as (

    select * from {{ ref('int_dental__treatments') }}
    where not is_utility and patient_id is not null

),

visits as (

    select
        treatments.patient_id,
        treatments.procedure_date as visit_date,
        min(treatments.provider_id) as provider_id,
        min(treatments.clinic_id) as clinic_id,
        count(*) as done_count,
        sum(case when treatments.is_hygiene then 1 else 0 end) as hygiene_count,
        {% for name, category in [
            ('exam', 'examinations'), ('imaging', 'imaging'), ('gum', 'gum treatment')
        ] %}
            sum(case when treatments.procedure_category = '{{ category }}' then 1 else 0 end)
                as {{ name }}_count,
        {% endfor %}
        sum(case when needs.need_group is not null then 1 else 0 end) as need_done_count,
        sum(treatments.fee_amount) as done_amount
    from treatments
    left join {{ ref('ml_need_groups') }} as needs
        on treatments.procedure_category = needs.procedure_category
    where treatments.is_completed
    group by treatments.patient_id, treatments.procedure_date

),

later_needs as (

    select
        visits.patient_id,
        visits.visit_date,
        count(*) as need_count
    from visits
    inner join treatments
        on
            visits.patient_id = treatments.patient_id
            and visits.visit_date < treatments.treatment_planned_date
            and {{ add_days('visits.visit_date', var('ml_need_horizon_days')) }}
            >= treatments.treatment_planned_date
            and {{ as_of() }} >= treatments.treatment_planned_date
    inner join {{ ref('ml_need_groups') }} as needs
        on treatments.procedure_category = needs.procedure_category
    where treatments.is_planned or treatments.is_ever_completed
    group by visits.patient_id, visits.visit_date

),

patient_days as (

    select * from {{ ref('int_ml__patient_days') }}

),

final as (

    select
        cast(visits.patient_id as {{ dbt.type_string() }}) || '-'
        || cast(visits.visit_date as {{ dbt.type_string() }}) as entity_id,
        visits.patient_id,
        visits.visit_date,
        cast(visits.visit_date as timestamp) as known_at,
        cast(visits.provider_id as {{ dbt.type_string() }}) as provider_id,
        cast(visits.clinic_id as {{ dbt.type_string() }}) as clinic_id,
        cast(visits.done_count as bigint) as done_that_day,
        cast(visits.hygiene_count as bigint) as hygiene_that_day,
        cast(visits.exam_count as bigint) as examinations_that_day,
        cast(visits.imaging_count as bigint) as images_that_day,
        cast(visits.gum_count as bigint) as gum_treatment_that_day,
        cast(visits.need_done_count as bigint) as needs_done_that_day,
        cast(round(visits.done_amount) as bigint) as amount_that_day,
        cast(extract(month from visits.visit_date) as bigint) as month_number,
        {{ person_features(['needs', 'household_needs', 'hygiene', 'kept_rate', 'visits']) }},
        patient_days.insurance_plans > 0 as is_insured,
        cast(patient_days.age as bigint) as age,
        patient_days.age_band,
        patient_days.sex,
        case when patient_days.done = 0 then 'new' else 'known' end as patient_group,
        {{ need_rate() }} as rule_score,
        {{ add_days('visits.visit_date', var('ml_need_horizon_days')) }} > {{ as_of() }} as is_open,
        case
            when {{ add_days('visits.visit_date', var('ml_need_horizon_days')) }} <= {{ as_of() }}
                then later_needs.need_count is not null
        end as has_need
    from visits
    inner join patient_days
        on
            visits.patient_id = patient_days.patient_id
            and visits.visit_date = patient_days.day
    left join later_needs
        on
            visits.patient_id = later_needs.patient_id
            and visits.visit_date = later_needs.visit_date

)

select * from final
