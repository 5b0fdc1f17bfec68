-- grain: one row per patient and day before which something is asked: features of the person
with asked as (

    select * from {{ ref('int_ml__asked_days') }}

),

own as (

    select * from {{ ref('int_ml__patient_histories') }}

),

households as (

    select * from {{ ref('int_ml__household_histories') }}

),

patients as (

    select * from {{ ref('stg_opendental__patients') }}

),

bands as (

    select * from {{ ref('age_bands') }}

),

insured as (

    select
        asked.patient_id,
        asked.day,
        count(*) as plan_count
    from asked
    inner join {{ ref('int_dental__plan_memberships') }} as memberships
        on
            asked.patient_id = memberships.patient_id
            and coalesce(memberships.effective_date, cast('1880-01-01' as date)) <= asked.day
            and coalesce(memberships.term_date, cast('9999-12-31' as date)) >= asked.day
    where not memberships.is_pending
    group by asked.patient_id, asked.day

),

final as (

    select
        own.patient_id,
        own.day,
        asked.guarantor_id,
        {% for measure in patient_measures() %}
            own.{{ measure }},
            households.{{ measure }} - own.{{ measure }} as household_{{ measure }},
        {% endfor %}
        {{ dbt.datediff('own.first_visit_date', 'own.day', 'day') }} as days_since_first_visit,
        {{ dbt.datediff('own.last_visit_date', 'own.day', 'day') }} as days_since_last_visit,
        {{ dbt.datediff('own.last_broken_date', 'own.day', 'day') }} as days_since_broken,
        {{ dbt.datediff('own.last_need_date', 'own.day', 'day') }} as days_since_need,
        {{ dbt.datediff('own.last_hygiene_date', 'own.day', 'day') }} as days_since_hygiene,
        coalesce(insured.plan_count, 0) as insurance_plans,
        case patients.gender_code when 0 then 'male' when 1 then 'female' end as sex,
        {{ age_on('patients.birth_date', 'own.day') }} as age,
        bands.age_band
    from own
    inner join asked on own.patient_id = asked.patient_id and own.day = asked.day
    inner join households
        on asked.guarantor_id = households.guarantor_id and own.day = households.day
    inner join patients on own.patient_id = patients.patient_id
    left join bands
        on
            {{ age_on('patients.birth_date', 'own.day') }} >= bands.from_age
            and (
                {{ age_on('patients.birth_date', 'own.day') }} < bands.below_age
                or bands.below_age is null
            )
    left join insured on own.patient_id = insured.patient_id and own.day = insured.day

)

select * from final
