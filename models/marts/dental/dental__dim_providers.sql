-- grain: one row per provider, and one for none
with providers as (

    select * from {{ ref('stg_opendental__providers') }}

),

definitions as (

    select * from {{ ref('stg_opendental__definitions') }}

),

final as (

    select
        providers.provider_id,
        providers.abbreviation,
        providers.first_name,
        providers.last_name,
        specialties.item_name as specialty,
        providers.is_hygienist,
        providers.is_not_person,
        providers.provider_status_code = 0 as is_active,
        providers.is_hidden,
        providers.is_hidden_on_reports,
        providers.fee_schedule_id,
        providers.hourly_production_goal_amount,
        providers.term_date
    from providers
    left join definitions as specialties
        on providers.specialty_definition_id = specialties.definition_id
    union all
    select
        0 as provider_id,
        'Unknown' as abbreviation,
        cast(null as {{ dbt.type_string() }}) as first_name,
        cast(null as {{ dbt.type_string() }}) as last_name,
        cast(null as {{ dbt.type_string() }}) as specialty,
        false as is_hygienist,
        true as is_not_person,
        false as is_active,
        true as is_hidden,
        false as is_hidden_on_reports,
        cast(null as bigint) as fee_schedule_id,
        cast(0 as decimal(18, 2)) as hourly_production_goal_amount,
        cast(null as date) as term_date

)

select * from final
