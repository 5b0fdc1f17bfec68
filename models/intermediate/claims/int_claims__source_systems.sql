-- grain: one row per system of claims: whose members and providers its claims name
with systems as (

    select * from {{ ref('int_claims__systems') }}

),

final as (

    select
        source_system,
        min(member_system) as member_system,
        min(provider_system) as provider_system
    from systems
    group by source_system

)

select * from final
