-- grain: one row per clinic, and one for none (the head office, or a practice without clinics)
with clinics as (

    select * from {{ ref('stg_opendental__clinics') }}

),

definitions as (

    select * from {{ ref('stg_opendental__definitions') }}

),

final as (

    select
        clinics.clinic_id,
        clinics.clinic_name,
        clinics.abbreviation,
        regions.item_name as region,
        clinics.city,
        clinics.state,
        clinics.postal_code,
        clinics.is_medical_only,
        clinics.is_hidden
    from clinics
    left join definitions as regions on clinics.region_definition_id = regions.definition_id
    union all
    select
        0 as clinic_id,
        'Unknown' as clinic_name,
        'Unknown' as abbreviation,
        cast(null as {{ dbt.type_string() }}) as region,
        cast(null as {{ dbt.type_string() }}) as city,
        cast(null as {{ dbt.type_string() }}) as state,
        cast(null as {{ dbt.type_string() }}) as postal_code,
        false as is_medical_only,
        false as is_hidden

)

select * from final
