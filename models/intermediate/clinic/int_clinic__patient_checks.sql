-- grain: one row per patient: the newest copy of the record, and whether it can be true
with copies as (

    select * from {{ ref('stg_clinic__patients') }}
    where copy_rank = 1 and is_known

),

consent_words as (

    select * from {{ ref('clinic_consent_words') }}

),

final as (

    select
        copies.*,
        case
            when consent_words.is_given then 1
            when not consent_words.is_given then 0
        end as consent_form_received,
        case
            when copies.patient_id is null then 'patient_id is missing'
            when copies.consent_code is not null and consent_words.is_given is null
                then 'consent_form_received is neither yes nor no (seed clinic_consent_words)'
        end as rejection_reason
    from copies
    left join consent_words on copies.consent_code = consent_words.consent_word

)

select * from final
