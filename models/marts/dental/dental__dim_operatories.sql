-- grain: one row per operatory (chair)
with operatories as (

    select * from {{ ref('stg_opendental__operatories') }}

),

definitions as (

    select * from {{ ref('stg_opendental__definitions') }}

),

final as (

    select
        operatories.operatory_id,
        operatories.operatory_name,
        operatories.abbreviation,
        coalesce(operatories.clinic_id, 0) as clinic_id,
        coalesce(operatories.dentist_id, 0) as dentist_id,
        coalesce(operatories.hygienist_id, 0) as hygienist_id,
        operatories.is_hygiene,
        kinds.item_name as operatory_type,
        operatories.is_web_schedule,
        operatories.is_new_patient as is_open_to_new_patients,
        operatories.is_hidden
    from operatories
    left join definitions as kinds
        on operatories.operatory_type_definition_id = kinds.definition_id

)

select * from final
