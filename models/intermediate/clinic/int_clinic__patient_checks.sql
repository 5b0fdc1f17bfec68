-- grain: one row per patient: the newest copy of the record, and whether it can be true
with copies as (

    select * from {{ ref('stg_clinic__patients') }}
    where copy_rank = 1 and is_known

),

final as (

    select
        *,
        case
            when consent_code in ('1', '1.0', 'true', 't', 'yes', 'y') then 1
            when consent_code in ('0', '0.0', 'false', 'f', 'no', 'n') then 0
        end as consent_form_received,
        case
            when patient_id is null then 'patient_id is missing'
            when
                consent_code not in
                ('1', '1.0', 'true', 't', 'yes', 'y', '0', '0.0', 'false', 'f', 'no', 'n')
                then 'consent_form_received is not 1 or 0'
        end as rejection_reason
    from copies

)

select * from final
