-- grain: one row per patient who was ever treated
with first_visits as (

    select * from {{ ref('int_dental__first_visits') }}

),

patients as (

    select * from {{ ref('stg_opendental__patients') }}

),

sources as (

    select
        patient_id,
        referral_id,
        referral_date,
        row_number() over (
            partition by patient_id
            order by item_order asc nulls last, referral_attachment_id asc nulls last
        ) as source_rank
    from {{ ref('stg_opendental__referral_attachments') }}
    where referral_type_code = 1

),

referrals as (

    select * from {{ ref('stg_opendental__referrals') }}

),

age_bands as (

    select * from {{ ref('dental_age_bands') }}

),

final as (

    select
        first_visits.patient_id,
        first_visits.first_visit_date,
        cast(date_trunc('month', first_visits.first_visit_date) as date) as first_visit_month,
        coalesce(patients.primary_provider_id, 0) as primary_provider_id,
        coalesce(patients.clinic_id, 0) as clinic_id,
        sources.referral_id,
        case
            when sources.referral_id is null then 'Unknown'
            when referrals.patient_id is not null then 'patient'
            when referrals.is_doctor then 'doctor'
            when referrals.is_not_person then 'marketing or other'
            else 'person'
        end as referral_kind,
        case
            when referrals.is_not_person and referrals.patient_id is null
                then coalesce(referrals.business_name, referrals.last_name)
        end as referral_source,
        sources.referral_date,
        cast({{ age_on('patients.birth_date', 'first_visits.first_visit_date') }} as integer)
            as age_at_first_visit,
        age_bands.age_band,
        first_visits.first_day_production_amount,
        first_visits.first_year_production_amount,
        first_visits.first_day_production_amount > 0 as has_first_day_production
    from first_visits
    left join patients on first_visits.patient_id = patients.patient_id
    left join sources
        on
            first_visits.patient_id = sources.patient_id
            and sources.source_rank = 1
    left join referrals on sources.referral_id = referrals.referral_id
    left join age_bands
        on
            {{ age_on('patients.birth_date', 'first_visits.first_visit_date') }}
            >= age_bands.from_age
            and {{ age_on('patients.birth_date', 'first_visits.first_visit_date') }}
            < age_bands.to_age

)

select * from final
